import type { DataSource } from 'typeorm';
import { rows } from '../database/json-rows.js';
import type { Lock } from '../database/lock-lanes.js';
import { plannedEachTime, prepared, type Statement } from '../database/statement.js';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { tokenRow } from './token-rows.js';

/** A token, and how many uses of it are asked for. */
export const WANTED_COLUMNS = [
  ['tokenId', 'uuid'],
  ['wanted', 'int'],
] as const;

/** A log row as it is when it is written. */
export const ENTRY_COLUMNS = [
  ['id', 'uuid'],
  ['tokenId', 'uuid'],
  ['outcome', 'text'],
  ['userId', 'text'],
  ['clientIp', 'inet'],
  ['userAgent', 'text'],
  ['method', 'text'],
  ['path', 'text'],
  ['startedAt', 'timestamptz'],
] as const;

/** A log row of the `nth` use that is asked for of its token. */
export const CLAIM_COLUMNS = [...ENTRY_COLUMNS, ['nth', 'int']] as const;

/** A log row of a refusal. */
export const REFUSAL_COLUMNS = [...ENTRY_COLUMNS, ['statusCode', 'int'], ['durationMs', 'int']] as const;

/** A claimed use that ends; without `logId` it was not logged. */
export const SETTLEMENT_COLUMNS = [
  ['tokenId', 'uuid'],
  ['logId', 'uuid'],
  ['outcome', 'text'],
  ['statusCode', 'int'],
  ['durationMs', 'int'],
] as const;

/**
 * The SQL that claims and settles uses. TypeORM maps nothing in it, so every name is taken from the
 * metadata of the app's DataSource.
 *
 * Each statement is about any number of uses. It locks tokens in the order of their ids, so that two
 * statements, in whatever process, never wait for each other; with `skip` it does not wait at all, and
 * leaves out what is about a token that somebody else has locked.
 */
export class UsageStatements {
  /**
   * Takes uses of tokens (`$3`: {@link WANTED_COLUMNS}), as many as are left at the moments `$1` (latest)
   * and `$2` (earliest), and writes the log rows (`$4`: {@link CLAIM_COLUMNS}) of those. Returns the tokens of which
   * any were taken, with their `useCount` since, and before as `usesBefore`.
   *
   * PostgreSQL checks the condition on the newest version of a row that it locks, so that concurrent
   * statements each look at what the one before left.
   */
  readonly claim: Record<Lock, Statement>;
  /**
   * As {@link claim}, for one use of one token (`$3`) and its log row (from `$4` on, {@link ENTRY_COLUMNS}). It takes
   * PostgreSQL three quarters of the time.
   */
  readonly claimOne: Record<Lock, Statement>;
  /** As {@link claim}, for one use of each of the tokens `$3`, all of them logged (`$4`: {@link ENTRY_COLUMNS}). */
  readonly claimEach: Record<Lock, Statement>;
  /** The tokens with the ids `$1`. */
  readonly find: Statement;
  /**
   * Ends log rows (`$1`: {@link SETTLEMENT_COLUMNS}), and gives back the uses that are released. Returns
   * `tokenId` of what was left out.
   *
   * A row that is released already stays as it is, so that repeating it does no harm. One that was written
   * as used can be released, when nobody came to know of its claim.
   */
  readonly settle: Record<Lock, Statement>;
  /**
   * As {@link settle}, for uses that are logged, and stay used: the log rows `$1` with the status codes `$2` and
   * the durations `$3`. Nothing else is, as a rule, and it takes PostgreSQL half the time.
   */
  readonly settleUsed: Statement;
  /** Writes log rows (`$1`: {@link REFUSAL_COLUMNS}), except of tokens that are not there. */
  readonly logRefusals: Statement;
  /** Releases uses that are pending since before `$1`, and returns how many as `released`. */
  readonly releasePending: Statement;

  constructor(dataSource: DataSource) {
    const token = new EntityNames(dataSource, RequestToken);
    const log = new EntityNames(dataSource, RequestTokenLog);
    const { quoted: t } = token;
    const { quoted: l } = log;
    const selection = tokenRow(token, 'token');

    const insertLog = (names: readonly (keyof RequestTokenLog)[], source: string) => `
      INSERT INTO ${log.table} (${names.map(l).join(', ')})
      SELECT ${names.map((name) => `entry."${name}"`).join(', ')} FROM ${source}`;
    const entryNames = ENTRY_COLUMNS.map(([name]) => name);

    /** An id never changes, so tokens are locked in the order of theirs. */
    const lockTokens = (ids: string, condition: string, lock: Lock) => `
      SELECT ${t('id')} AS id, ${t('useCount')} AS uses FROM ${token.table}
      WHERE ${t('id')} = ${ids} AND ${condition}
      ORDER BY ${t('id')} FOR NO KEY UPDATE ${lock === 'skip' ? 'SKIP LOCKED' : ''}`;

    const isUsable = `
      ${t('revokedAt')} IS NULL
        AND (${t('notBefore')} IS NULL OR ${t('notBefore')} <= $1)
        AND (${t('expiresAt')} IS NULL OR ${t('expiresAt')} > $2)
        AND (${t('maxUses')} IS NULL OR ${t('useCount')} < ${t('maxUses')})`;
    const claim = (lock: Lock) => `
      WITH ask AS (
        SELECT * FROM ${rows(WANTED_COLUMNS, 3)}
      ), claimed AS (
        UPDATE ${token.table} AS token
        SET ${t('useCount')} = token.${t('useCount')}
          + LEAST(ask.wanted, COALESCE(token.${t('maxUses')} - token.${t('useCount')}, ask.wanted))
        FROM (${lockTokens('ANY (ARRAY(SELECT "tokenId" FROM ask))', isUsable, lock)}) AS usable
        JOIN ask ON ask."tokenId" = usable.id
        WHERE token.${t('id')} = usable.id
        RETURNING ${selection}, usable.uses AS "usesBefore"
      ), logged AS (
        ${insertLog(entryNames, rows(CLAIM_COLUMNS, 4, 'entry'))}
        JOIN claimed ON claimed."id" = entry."tokenId"
        WHERE entry.nth <= claimed."useCount" - claimed."usesBefore"
      )
      SELECT * FROM claimed`;
    const takeOneOf = (ids: string, lock: Lock) => `
      UPDATE ${token.table} AS token SET ${t('useCount')} = token.${t('useCount')} + 1
      FROM (${lockTokens(ids, isUsable, lock)}) AS usable
      WHERE token.${t('id')} = usable.id
      RETURNING ${selection}, usable.uses AS "usesBefore"`;
    const claimOne = (lock: Lock) => `
      WITH claimed AS (${takeOneOf('$3', lock)}), logged AS (
        INSERT INTO ${log.table} (${entryNames.map(l).join(', ')})
        SELECT ${ENTRY_COLUMNS.map(([, type], index) => `$${index + 4}::${type}`).join(', ')} FROM claimed
      )
      SELECT * FROM claimed`;
    // Behind SELECT, so that the planner does not see how many there are, and keeps one plan.
    const claimEach = (lock: Lock) => `
      WITH claimed AS (${takeOneOf('ANY ((SELECT $3::uuid[])::uuid[])', lock)}), logged AS (
        ${insertLog(entryNames, rows(ENTRY_COLUMNS, 4, 'entry'))}
        JOIN claimed ON claimed."id" = entry."tokenId"
      )
      SELECT * FROM claimed`;

    const giveBack = (source: string) => `
      UPDATE ${token.table} AS token
      SET ${t('useCount')} = GREATEST(token.${t('useCount')} - ${source}.uses, 0)
      FROM ${source} WHERE token.${t('id')} = ${source}."tokenId"`;
    const settle = (lock: Lock) => `
      WITH ended AS (
        SELECT * FROM ${rows(SETTLEMENT_COLUMNS, 1)}
      ), locked AS MATERIALIZED (
        ${lockTokens(`ANY (ARRAY(SELECT "tokenId" FROM ended WHERE outcome = 'released'))`, 'true', lock)}
      ), due AS MATERIALIZED (
        SELECT * FROM ended WHERE outcome <> 'released' OR "tokenId" IN (SELECT id FROM locked)
      ), settled AS (
        UPDATE ${log.table} AS log
        SET ${l('outcome')} = due.outcome, ${l('statusCode')} = due."statusCode", ${l('durationMs')} = due."durationMs"
        FROM due
        WHERE log.${l('id')} = ANY (ARRAY(SELECT "logId" FROM due)) AND log.${l('id')} = due."logId" AND log.${l('outcome')} IN ('pending', 'used')
        RETURNING due."tokenId", due.outcome
      ), released AS (
        SELECT "tokenId", count(*) AS uses
        FROM (
          SELECT "tokenId", outcome FROM settled
          UNION ALL SELECT "tokenId", outcome FROM due WHERE "logId" IS NULL
        ) AS settlement
        WHERE outcome = 'released' GROUP BY "tokenId"
      ), given_back AS (${giveBack('released')})
      SELECT "tokenId" FROM ended WHERE outcome = 'released' AND "tokenId" NOT IN (SELECT id FROM locked)`;

    this.claim = { skip: prepared(claim('skip')), wait: prepared(claim('wait')) };
    this.claimOne = { skip: prepared(claimOne('skip')), wait: prepared(claimOne('wait')) };
    this.claimEach = { skip: prepared(claimEach('skip')), wait: prepared(claimEach('wait')) };
    this.find = prepared(
      `SELECT ${selection} FROM ${token.table} AS token WHERE ${t('id')} = ANY ($1::uuid[])`,
    );
    this.settle = { skip: plannedEachTime(settle('skip')), wait: plannedEachTime(settle('wait')) };
    // Behind SELECT, the arrays seem short, and the planner looks each id up instead of reading a log of middling size.
    this.settleUsed = plannedEachTime(`
      UPDATE ${log.table} AS log
      SET ${l('outcome')} = 'used', ${l('statusCode')} = used.status, ${l('durationMs')} = used.duration
      FROM unnest((SELECT $1::uuid[]), (SELECT $2::int[]), (SELECT $3::int[])) AS used (id, status, duration)
      WHERE log.${l('id')} = used.id AND log.${l('outcome')} IN ('pending', 'used')`);
    this.logRefusals = plannedEachTime(`
      ${insertLog([...entryNames, 'statusCode', 'durationMs'], rows(REFUSAL_COLUMNS, 1, 'entry'))}
      WHERE EXISTS (SELECT FROM ${token.table} WHERE ${t('id')} = entry."tokenId")`);
    this.releasePending = prepared(`
      WITH abandoned AS MATERIALIZED (
        SELECT ${l('id')} AS id, ${l('tokenId')} AS "tokenId" FROM ${log.table}
        WHERE ${l('outcome')} = 'pending' AND ${l('startedAt')} < $1
      ), locked AS MATERIALIZED (
        ${lockTokens('ANY (ARRAY(SELECT "tokenId" FROM abandoned))', 'true', 'wait')}
      ), settled AS (
        UPDATE ${log.table} AS log SET ${l('outcome')} = 'released'
        FROM abandoned JOIN locked ON locked.id = abandoned."tokenId"
        WHERE log.${l('id')} = abandoned.id AND log.${l('outcome')} = 'pending'
        RETURNING abandoned."tokenId"
      ), released AS (
        SELECT "tokenId", count(*) AS uses FROM settled GROUP BY "tokenId"
      ), given_back AS (${giveBack('released')})
      SELECT count(*)::int AS released FROM settled`);
  }
}
