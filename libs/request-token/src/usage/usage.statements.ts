import type { DataSource } from 'typeorm';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';

/**
 * The SQL that claims and settles uses: the only hand-written SQL of the library. TypeORM maps nothing
 * in it, so every name is taken from the metadata of the app's DataSource.
 */
export class UsageStatements {
  /**
   * Takes one use of `$1`, if the row allows it at the moments `$2` (latest) and `$3` (earliest), writes
   * its log row, and returns the token; returns nothing if the row does not allow it.
   *
   * One statement: concurrent claims queue up at the row, and each looks at what the one before it left
   * (PostgreSQL re-checks WHERE on the newest version of a row it had to wait for).
   */
  readonly claimAndLog: string;

  /** As {@link claimAndLog}, without a log row. */
  readonly claim: string;

  /** Writes a log row about a refused attempt, unless the token is not there. */
  readonly logRefusal: string;

  /** Ends the pending log row `$1` with outcome `$2`, status `$3` and duration `$4`. */
  readonly keep: string;

  /** As {@link keep}, and gives the use back, once only. */
  readonly release: string;

  /** Gives back a use of token `$1` that was not logged. */
  readonly releaseUnlogged: string;

  constructor(dataSource: DataSource) {
    const token = new EntityNames(dataSource, RequestToken);
    const log = new EntityNames(dataSource, RequestTokenLog);
    const { quoted: t } = token;
    const { quoted: l } = log;

    this.claim = `
      UPDATE ${token.table} SET ${t('useCount')} = ${t('useCount')} + 1
      WHERE ${t('id')} = $1
        AND ${t('revokedAt')} IS NULL
        AND (${t('notBefore')} IS NULL OR ${t('notBefore')} <= $2)
        AND (${t('expiresAt')} IS NULL OR ${t('expiresAt')} > $3)
        AND (${t('maxUses')} IS NULL OR ${t('useCount')} < ${t('maxUses')})
      RETURNING ${token.selection}`;

    const insertLog = (source: string, tokenId: string, firstParameter: number) => {
      const values = LOG_COLUMNS.map(([, type], index) => `$${firstParameter + index}::${type}`);
      return `
        INSERT INTO ${log.table} (${l('tokenId')}, ${LOG_COLUMNS.map(([name]) => l(name)).join(', ')})
        SELECT ${tokenId}, ${values.join(', ')} FROM ${source}`;
    };

    this.claimAndLog = `
      WITH claimed AS (${this.claim}), logged AS (${insertLog('claimed', 'claimed."id"', 4)})
      SELECT * FROM claimed`;

    this.logRefusal = `${insertLog(token.table, t('id'), 2)} WHERE ${t('id')} = $1`;

    this.keep = `
      UPDATE ${log.table}
      SET ${l('outcome')} = $2, ${l('statusCode')} = $3, ${l('durationMs')} = $4
      WHERE ${l('id')} = $1 AND ${l('outcome')} = 'pending'`;

    const giveBack = `
      UPDATE ${token.table} SET ${t('useCount')} = ${t('useCount')} - 1 WHERE ${t('useCount')} > 0`;

    this.release = `
      WITH settled AS (${this.keep} RETURNING ${l('tokenId')} AS id)
      ${giveBack} AND ${t('id')} IN (SELECT id FROM settled)`;

    this.releaseUnlogged = `${giveBack} AND ${t('id')} = $1`;
  }
}

/** Columns of a new log row, in the order of their parameters; PostgreSQL cannot infer types behind SELECT. */
export const LOG_COLUMNS = [
  ['id', 'uuid'],
  ['userId', 'text'],
  ['clientIp', 'inet'],
  ['userAgent', 'text'],
  ['method', 'text'],
  ['path', 'text'],
  ['statusCode', 'int'],
  ['outcome', 'text'],
  ['startedAt', 'timestamptz'],
  ['durationMs', 'int'],
] as const satisfies [keyof RequestTokenLog, string][];
