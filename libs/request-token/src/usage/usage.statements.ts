import type { DataSource } from 'typeorm';
import { rows } from '../database/arrays.js';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { type Statement, statement } from '../database/statement.js';
import type { Lock } from '../database/lanes.js';

/** A use to be claimed; without `logId` it is not logged. */
export const CLAIM_COLUMNS = [
  ['tokenId', 'uuid'],
  ['logId', 'uuid'],
  ['outcome', 'text'],
  ['userId', 'text'],
  ['clientIp', 'inet'],
  ['userAgent', 'text'],
  ['method', 'text'],
  ['path', 'text'],
  ['startedAt', 'timestamptz'],
] as const;

/** A claimed use to be settled; without `logId` it was not logged. */
export const SETTLEMENT_COLUMNS = [
  ['tokenId', 'uuid'],
  ['logId', 'uuid'],
  ['outcome', 'text'],
  ['statusCode', 'int'],
  ['durationMs', 'int'],
] as const;

/** A refusal to be logged. */
export const REFUSAL_COLUMNS = [...CLAIM_COLUMNS, ['statusCode', 'int'], ['durationMs', 'int']] as const;

/**
 * The SQL that claims and settles uses. TypeORM maps nothing in it, so every name is taken from the
 * metadata of the app's DataSource.
 *
 * Each statement is about any number of uses. It locks the tokens in the order of their ids, so that two
 * of them, in whatever process, never wait for each other; with `skip` it does not wait at all, and
 * leaves out what is about a token that somebody else has locked.
 */
export class UsageStatements {
  /**
   * Claims uses, in the order given, as long as their tokens have some left at the moments `$1` (latest)
   * and `$2` (earliest), and writes their log rows. The uses follow, as {@link CLAIM_COLUMNS}.
   *
   * Returns for each use whose token is there its number `nr`, the token as it is since (or, if refused,
   * as it is), whether the use is `claimed`, and whether the token was `locked`, and so nobody else can
   * have changed it meanwhile. PostgreSQL checks the condition on the newest version of a row it locks.
   */
  readonly claim: Record<Lock, Statement>;
  /**
   * Ends pending log rows, and gives back the uses that are released. The uses are `$1` and so on, as
   * {@link SETTLEMENT_COLUMNS}. Returns `nr` of those that were left out.
   *
   * A row that is not pending any more stays as it is, so that repeating it does no harm; but one that
   * was written as used can be released, when nobody came to know of its claim.
   */
  readonly settle: Record<Lock, Statement>;
  /** Logs refusals of tokens that are there. They are `$1` and so on, as {@link REFUSAL_COLUMNS}. */
  readonly logRefusals: Statement;
  /** Releases uses that are pending since before `$1`, and returns how many as `released`. */
  readonly releasePending: Statement;

  constructor(dataSource: DataSource) {
    const token = new EntityNames(dataSource, RequestToken);
    const log = new EntityNames(dataSource, RequestTokenLog);
    const { quoted: t } = token;
    const { quoted: l } = log;
    const WAYS = { skip: 'SKIP LOCKED', wait: '' };
    const bothWays = (text: (way: string) => string): Record<Lock, Statement> => ({
      skip: statement(text(WAYS.skip)),
      wait: statement(text(WAYS.wait)),
    });

    const others = token.properties.filter((property) => property !== 'useCount');
    const selection = others.map((property) => `${t(property)} AS "${property}"`).join(', ');
    const ofToken = (alias: string) => others.map((property) => `${alias}."${property}"`).join(', ');
    const logged = [
      'tokenId',
      'outcome',
      'userId',
      'clientIp',
      'userAgent',
      'method',
      'path',
      'startedAt',
    ] as const;
    const insertLog = (names: readonly (keyof RequestTokenLog)[]) =>
      `INSERT INTO ${log.table} (${l('id')}, ${names.map(l).join(', ')})
       SELECT "logId", ${names.map((name) => `"${name}"`).join(', ')}`;

    this.claim = bothWays(
      (way) => `
      WITH asked AS (
        SELECT *, row_number() OVER (PARTITION BY "tokenId" ORDER BY nr) AS nth
        FROM ${rows(CLAIM_COLUMNS, 3)}
      ), usable AS MATERIALIZED (
        SELECT ${selection}, ${t('useCount')} AS uses FROM ${token.table}
        WHERE ${t('id')} = ANY ($3)
          AND ${t('revokedAt')} IS NULL
          AND (${t('notBefore')} IS NULL OR ${t('notBefore')} <= $1)
          AND (${t('expiresAt')} IS NULL OR ${t('expiresAt')} > $2)
          AND (${t('maxUses')} IS NULL OR ${t('useCount')} < ${t('maxUses')})
        ORDER BY ${t('id')} FOR NO KEY UPDATE ${way}
      ), claimed AS MATERIALIZED (
        SELECT asked.*, uses + nth AS "useCount" FROM asked JOIN usable ON usable."id" = asked."tokenId"
        WHERE "maxUses" IS NULL OR uses + nth <= "maxUses"
      ), counted AS (
        UPDATE ${token.table} AS token
        SET ${t('useCount')} = (SELECT max("useCount") FROM claimed WHERE "tokenId" = token.${t('id')})
        WHERE token.${t('id')} = ANY (ARRAY(SELECT "tokenId" FROM claimed))
      ), logged AS (
        ${insertLog(logged)} FROM claimed WHERE "logId" IS NOT NULL
      )
      SELECT nr::int, true AS claimed, true AS locked, claimed."useCount"::int, ${ofToken('usable')}
      FROM claimed JOIN usable ON usable."id" = claimed."tokenId"
      UNION ALL
      SELECT nr::int, false, EXISTS (SELECT FROM usable WHERE usable."id" = token."id"), token.uses, ${ofToken('token')}
      FROM asked JOIN (SELECT ${selection}, ${t('useCount')} AS uses FROM ${token.table}) AS token
        ON token."id" = asked."tokenId"
      WHERE nr NOT IN (SELECT nr FROM claimed)`,
    );

    this.settle = bothWays(
      (way) => `
      WITH ended AS (
        SELECT * FROM ${rows(SETTLEMENT_COLUMNS)}
      ), locked AS MATERIALIZED (
        SELECT ${t('id')} AS id FROM ${token.table}
        WHERE ${t('id')} = ANY (ARRAY(SELECT "tokenId" FROM ended WHERE outcome = 'released'))
        ORDER BY ${t('id')} FOR NO KEY UPDATE ${way}
      ), due AS MATERIALIZED (
        SELECT * FROM ended WHERE outcome <> 'released' OR "tokenId" IN (SELECT id FROM locked)
      ), settled AS (
        UPDATE ${log.table} AS log
        SET ${l('outcome')} = due.outcome, ${l('statusCode')} = due."statusCode", ${l('durationMs')} = due."durationMs"
        FROM due
        WHERE log.${l('id')} = due."logId" AND log.${l('outcome')} IN ('pending', 'used')
        RETURNING due."tokenId", due.outcome
      ), released AS (
        SELECT "tokenId", count(*) AS uses
        FROM (
          SELECT "tokenId", outcome FROM settled
          UNION ALL SELECT "tokenId", outcome FROM due WHERE "logId" IS NULL
        ) AS settlement
        WHERE outcome = 'released' GROUP BY "tokenId"
      ), given_back AS (
        ${giveBack('released')}
      )
      SELECT nr::int FROM ended WHERE nr NOT IN (SELECT nr FROM due)`,
    );

    this.logRefusals = statement(`
      ${insertLog([...logged, 'statusCode', 'durationMs'])}
      FROM ${rows(REFUSAL_COLUMNS)}
      WHERE EXISTS (SELECT FROM ${token.table} WHERE ${t('id')} = "tokenId")`);

    this.releasePending = statement(`
      WITH abandoned AS MATERIALIZED (
        SELECT ${l('id')} AS id, ${l('tokenId')} AS "tokenId" FROM ${log.table}
        WHERE ${l('outcome')} = 'pending' AND ${l('startedAt')} < $1
      ), locked AS MATERIALIZED (
        SELECT ${t('id')} AS id FROM ${token.table}
        WHERE ${t('id')} IN (SELECT "tokenId" FROM abandoned)
        ORDER BY ${t('id')} FOR NO KEY UPDATE
      ), settled AS (
        UPDATE ${log.table} AS log SET ${l('outcome')} = 'released'
        FROM abandoned JOIN locked ON locked.id = abandoned."tokenId"
        WHERE log.${l('id')} = abandoned.id AND log.${l('outcome')} = 'pending'
        RETURNING abandoned."tokenId"
      ), released AS (
        SELECT "tokenId", count(*) AS uses FROM settled GROUP BY "tokenId"
      ), given_back AS (
        ${giveBack('released')}
      )
      SELECT count(*)::int AS released FROM settled`);

    function giveBack(source: string): string {
      return `UPDATE ${token.table} AS token
        SET ${t('useCount')} = GREATEST(token.${t('useCount')} - ${source}.uses, 0)
        FROM ${source} WHERE token.${t('id')} = ${source}."tokenId"`;
    }
  }
}
