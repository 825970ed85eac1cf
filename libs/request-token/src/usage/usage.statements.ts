import type { DataSource } from 'typeorm';
import { type Columns, rows } from '../database/json-rows.js';
import type { Lock } from '../database/lock-lanes.js';
import { plannedEachTime, preparedWhileBig, type Statement } from '../database/statement.js';
import { TableSize } from '../database/table-size.js';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { logRow } from './log-rows.js';
import { asText, tokenRow } from './token-rows.js';

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
export const USE_COLUMNS = [...ENTRY_COLUMNS, ['nth', 'int']] as const;

/** A log row of refusals. */
export const REFUSAL_COLUMNS = [
  ...ENTRY_COLUMNS,
  ['statusCode', 'int'],
  ['durationMs', 'int'],
  ['repeats', 'int'],
] as const;

/** A use that ends; without `logId` it was not logged. */
export const SETTLEMENT_COLUMNS = [
  ['tokenId', 'uuid'],
  ['logId', 'uuid'],
  ['outcome', 'text'],
  ['statusCode', 'int'],
  ['durationMs', 'int'],
] as const;

/**
 * The SQL that takes and settles uses, and looks at what became of them. TypeORM maps nothing in it, so every
 * name is taken from the metadata of the app's DataSource.
 *
 * Each statement is about any number of uses. It locks tokens in the order of their ids, so that two statements,
 * in whatever process, never wait for each other; with `skip` it does not wait at all, and leaves out what is
 * about a token, or a log row, that somebody else has locked. Of a locked log row, whoever would rather wait has to
 * run {@link awaitLogs} before: the token is not locked meanwhile.
 *
 * No statement may be executed by a plan that reads a whole table. The planner has to see look-ups by id, of
 * arrays whose length it cannot know, and one that may keep its plan has to report the size of the table.
 */
export class UsageStatements {
  /** What is known of the size of `request_token`, for statements about one row of it and about many. */
  private readonly tokenTable = { one: new TableSize('one'), many: new TableSize('many') };
  /**
   * Takes uses of tokens (`$3`: {@link WANTED_COLUMNS}), as many as are left at the moments `$1` (latest)
   * and `$2` (earliest), and writes the log rows (`$4`: {@link USE_COLUMNS}) of those. Returns the tokens of which
   * any were taken, with their `useCount` since, and before as `usesBefore`; and at least one row, with the
   * `bytes` of the table.
   *
   * PostgreSQL checks the condition on the newest version of a row that it locks, so that concurrent
   * statements each look at what the one before left.
   */
  readonly take: Record<Lock, Statement>;
  /**
   * As {@link take}, for one use of one token (`$3`) and its log row (from `$4` on, {@link ENTRY_COLUMNS}), without
   * `usesBefore`. It takes PostgreSQL three quarters of the time.
   */
  readonly takeOne: Record<Lock, Statement>;
  /**
   * As {@link takeOne}, for one use of each of the tokens `$3`, all of them logged (`$4`: {@link ENTRY_COLUMNS}).
   */
  readonly takeEach: Record<Lock, Statement>;
  /** The tokens with the ids `$1`, with `bytes` as {@link take} returns it. */
  readonly find: Statement;
  /** The last `$2` log rows of the token `$1`. */
  readonly logsOf: Statement;
  /**
   * Ends log rows (`$1`: {@link SETTLEMENT_COLUMNS}), and gives back the uses that are released. Returns
   * `tokenId` of what was left out; of a token with a log row that somebody has locked, that is everything, as a use
   * that is not logged must not be given back twice.
   *
   * A row that is released already stays as it is, so that repeating it does no harm.
   */
  readonly settle: Record<Lock, Statement>;
  /**
   * As {@link settle}, for uses that are logged, and stay used: the log rows `$1` with the status codes `$2` and
   * the durations `$3`. Nothing else is, as a rule, and it takes PostgreSQL half the time.
   */
  readonly settleUsed: Statement;
  /**
   * Gives back uses (`$1`: {@link ENTRY_COLUMNS}) that may have been taken, may be in this moment, or may be later,
   * when an answer was lost. What is there is released. What is not is written, as released, so that a statement
   * that comes later to take the use fails on the key of its log row. One that is under way has locked its token.
   * Returns and repeats as {@link settle}.
   */
  readonly withdraw: Record<Lock, Statement>;
  /**
   * Writes log rows (`$1`: {@link REFUSAL_COLUMNS}), or adds to the `repeats` of those that are there. Returns
   * `tokenId` of what was left out: what is about tokens that are not there, too.
   */
  readonly logRefusals: Record<Lock, Statement>;
  /** Waits until nobody else has locked the log rows `$1`, and keeps no lock. */
  readonly awaitLogs: Statement;
  /** As {@link awaitLogs}, for those that are pending since before `$2` of the tokens `$1`. */
  readonly awaitPending: Statement;
  /** Up to `$2` ids of tokens with uses that are pending since before `$1`. */
  readonly findPending: Statement;
  /**
   * Releases uses of the tokens `$1` that are pending since before `$2`. Returns how many as `released`, in each row,
   * and as `tokenId` those of which some were left out.
   */
  readonly releasePending: Record<Lock, Statement>;

  constructor(dataSource: DataSource) {
    const token = new EntityNames(dataSource, RequestToken);
    const log = new EntityNames(dataSource, RequestTokenLog);
    const { quoted: t } = token;
    const { quoted: l } = log;
    const selection = tokenRow(token, 'token');
    const whileBig = (text: string, rows: 'one' | 'many' = 'many') =>
      preparedWhileBig(text, this.tokenTable[rows]);

    const insertLog = (names: readonly string[], source: string, outcome = 'entry."outcome"') => `
      INSERT INTO ${log.table} AS log (${names.map((name) => l(name as keyof RequestTokenLog)).join(', ')})
      SELECT ${names.map((name) => (name === 'outcome' ? outcome : `entry."${name}"`)).join(', ')} FROM ${source}`;
    const entryNames = namesOf(ENTRY_COLUMNS);

    /** An id never changes, so tokens are locked in the order of theirs. */
    const lockTokens = (ids: string, lock: Lock, condition = 'true', strength = 'NO KEY UPDATE') => `
      SELECT ${t('id')} AS id, ${t('useCount')} AS uses FROM ${token.table}
      WHERE ${t('id')} = ${ids} AND ${condition}
      ORDER BY ${t('id')} FOR ${strength} ${lock === 'skip' ? 'SKIP LOCKED' : ''}`;
    const lockLogs = (condition: string, skip = '') => `
      SELECT ${l('id')} AS id FROM ${log.table} WHERE ${condition} ORDER BY ${l('id')} FOR NO KEY UPDATE ${skip}`;
    /**
     * The log rows that nobody else has locked, and the tokens of the others. Whoever waits has waited for them
     * before, and locks them after their tokens, as a deletion that cascades does.
     */
    const holdLogs = (id: string, source: string, lock: Lock) => {
      const isMeant = `${l('id')} = ANY (ARRAY(SELECT "${id}" FROM ${source}))`;
      return `
      held AS MATERIALIZED (
        ${lock === 'skip' ? lockLogs(isMeant, 'SKIP LOCKED') : `SELECT "${id}" AS id FROM ${source}`}
      ), busy AS MATERIALIZED (
        SELECT ${l('tokenId')} AS "tokenId" FROM ${log.table}
        WHERE ${lock === 'skip' ? `${isMeant} AND ${l('id')} NOT IN (SELECT id FROM held)` : 'false'}
      )`;
    };
    const leftOut = (source: string) =>
      `SELECT ${asText('"tokenId"')} AS "tokenId" FROM ${source} WHERE "tokenId" NOT IN (SELECT id FROM locked)`;

    const isUsable = `
      ${t('revokedAt')} IS NULL
        AND (${t('notBefore')} IS NULL OR ${t('notBefore')} <= $1)
        AND (${t('expiresAt')} IS NULL OR ${t('expiresAt')} > $2)
        AND (${t('maxUses')} IS NULL OR ${t('useCount')} < ${t('maxUses')})`;
    const withSize = (source: string) =>
      `SELECT * FROM (${TableSize.sqlOf(token.table)}) AS size LEFT JOIN ${source} ON true`;
    const take = (lock: Lock) => `
      WITH ask AS (
        SELECT * FROM ${rows(WANTED_COLUMNS, 3)}
      ), taken AS (
        UPDATE ${token.table} AS token
        SET ${t('useCount')} = token.${t('useCount')}
          + LEAST(ask.wanted, COALESCE(token.${t('maxUses')} - token.${t('useCount')}, ask.wanted))
        FROM (${lockTokens('ANY (ARRAY(SELECT "tokenId" FROM ask))', lock, isUsable)}) AS usable
        JOIN ask ON ask."tokenId" = usable.id
        WHERE token.${t('id')} = usable.id
        RETURNING ${selection}, ${asText('usable.uses')} AS "usesBefore", token.${t('useCount')} - usable.uses AS "usesTaken"
      ), logged AS (
        ${insertLog(entryNames, rows(USE_COLUMNS, 4, 'entry'))}
        JOIN taken ON taken."id" = ${asText('entry."tokenId"')}
        WHERE entry.nth <= taken."usesTaken"
      )
      ${withSize('taken')}`;
    const takeOneOf = (ids: string, lock: Lock) => `
      UPDATE ${token.table} AS token SET ${t('useCount')} = token.${t('useCount')} + 1
      FROM (${lockTokens(ids, lock, isUsable)}) AS usable
      WHERE token.${t('id')} = usable.id
      RETURNING ${selection}`;
    const takeOne = (lock: Lock) => `
      WITH taken AS (${takeOneOf('$3', lock)}), logged AS (
        INSERT INTO ${log.table} (${entryNames.map(l).join(', ')})
        SELECT ${ENTRY_COLUMNS.map(([, type], index) => `$${index + 4}::${type}`).join(', ')} FROM taken
      )
      ${withSize('taken')}`;
    // Behind SELECT, so that the planner does not see how many there are, and keeps one plan.
    const takeEach = (lock: Lock) => `
      WITH taken AS (${takeOneOf('ANY ((SELECT $3::uuid[])::uuid[])', lock)}), logged AS (
        ${insertLog(entryNames, rows(ENTRY_COLUMNS, 4, 'entry'))}
        JOIN taken ON taken."id" = ${asText('entry."tokenId"')}
      )
      ${withSize('taken')}`;

    const giveBack = (source: string) => `
      UPDATE ${token.table} AS token
      SET ${t('useCount')} = GREATEST(token.${t('useCount')} - ${source}.uses, 0)
      FROM ${source}
      WHERE token.${t('id')} = ANY (ARRAY(SELECT "tokenId" FROM ${source})) AND token.${t('id')} = ${source}."tokenId"`;
    const settle = (lock: Lock) => `
      WITH ended AS (
        SELECT * FROM ${rows(SETTLEMENT_COLUMNS, 1)}
      ), ${holdLogs('logId', 'ended', lock)}, free AS MATERIALIZED (
        SELECT * FROM ended WHERE "tokenId" NOT IN (SELECT "tokenId" FROM busy)
      ), locked AS MATERIALIZED (
        ${lockTokens(`ANY (ARRAY(SELECT "tokenId" FROM free WHERE outcome = 'released'))`, lock)}
      ), due AS MATERIALIZED (
        SELECT * FROM free WHERE outcome <> 'released' OR "tokenId" IN (SELECT id FROM locked)
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
      ${leftOut(`(SELECT * FROM ended WHERE outcome = 'released') AS ended`)}
      UNION ALL SELECT ${asText('"tokenId"')} FROM busy`;
    // Only a row that was there has a duration then.
    const withdraw = (lock: Lock) => `
      WITH lost AS (
        SELECT * FROM ${rows(ENTRY_COLUMNS, 1)}
      ), ${holdLogs('id', 'lost', lock)}, free AS MATERIALIZED (
        SELECT * FROM lost WHERE "tokenId" NOT IN (SELECT "tokenId" FROM busy)
      ), locked AS MATERIALIZED (
        ${lockTokens('ANY (ARRAY(SELECT "tokenId" FROM free))', lock)}
      ), entry AS MATERIALIZED (
        SELECT * FROM lost WHERE "tokenId" IN (SELECT id FROM locked) ORDER BY id
      ), remembered AS (
        ${insertLog(entryNames, 'entry', `'released'`)}
        ON CONFLICT (${l('id')}) DO UPDATE SET ${l('outcome')} = 'released', ${l('durationMs')} = 0
        WHERE log.${l('outcome')} IN ('pending', 'used')
        RETURNING log.${l('tokenId')} AS "tokenId", log.${l('durationMs')} IS NOT NULL AS "wasThere"
      ), released AS (
        SELECT "tokenId", count(*) AS uses FROM remembered WHERE "wasThere" GROUP BY "tokenId"
      ), given_back AS (${giveBack('released')})
      ${leftOut('lost')}`;
    // Locked as the foreign key would, so that a token that is being deleted is not there.
    const logRefusals = (lock: Lock) => `
      WITH refused AS (
        SELECT * FROM ${rows(REFUSAL_COLUMNS, 1)}
      ), locked AS MATERIALIZED (
        ${lockTokens('ANY (ARRAY(SELECT "tokenId" FROM refused))', lock, 'true', 'KEY SHARE')}
      ), entry AS MATERIALIZED (
        SELECT * FROM refused WHERE "tokenId" IN (SELECT id FROM locked) ORDER BY id
      ), logged AS (
        ${insertLog(namesOf(REFUSAL_COLUMNS), 'entry')}
        ON CONFLICT (${l('id')}) DO UPDATE SET ${l('repeats')} = log.${l('repeats')} + excluded.${l('repeats')}
      )
      ${leftOut('refused')}`;
    const isAbandoned = `
      ${l('tokenId')} = ANY ((SELECT $1::uuid[])::uuid[]) AND ${l('outcome')} = 'pending' AND ${l('startedAt')} < $2`;
    const releasePending = (lock: Lock) => `
      WITH abandoned AS MATERIALIZED (
        SELECT ${l('id')} AS id, ${l('tokenId')} AS "tokenId" FROM ${log.table} WHERE ${isAbandoned}
      ), ${holdLogs('id', 'abandoned', lock)}, free AS MATERIALIZED (
        SELECT * FROM abandoned WHERE "tokenId" NOT IN (SELECT "tokenId" FROM busy)
      ), locked AS MATERIALIZED (
        ${lockTokens('ANY (ARRAY(SELECT "tokenId" FROM free))', lock)}
      ), due AS MATERIALIZED (
        SELECT * FROM free WHERE "tokenId" IN (SELECT id FROM locked)
      ), settled AS (
        UPDATE ${log.table} AS log SET ${l('outcome')} = 'released'
        FROM due
        WHERE log.${l('id')} = ANY (ARRAY(SELECT id FROM due)) AND log.${l('id')} = due.id
          AND log.${l('outcome')} = 'pending'
        RETURNING due."tokenId"
      ), released AS (
        SELECT "tokenId", count(*) AS uses FROM settled GROUP BY "tokenId"
      ), given_back AS (${giveBack('released')}
      ), remaining AS (
        SELECT DISTINCT "tokenId" FROM abandoned WHERE id NOT IN (SELECT id FROM due)
      )
      SELECT counted.released, ${asText('remaining."tokenId"')} AS "tokenId"
      FROM (SELECT count(*)::text AS released FROM settled) AS counted LEFT JOIN remaining ON true`;

    this.take = { skip: whileBig(take('skip')), wait: whileBig(take('wait')) };
    this.takeOne = { skip: whileBig(takeOne('skip'), 'one'), wait: whileBig(takeOne('wait'), 'one') };
    this.takeEach = { skip: whileBig(takeEach('skip')), wait: whileBig(takeEach('wait')) };
    this.find = whileBig(`
      WITH found AS (
        SELECT ${selection} FROM ${token.table} AS token WHERE token.${t('id')} = ANY ((SELECT $1::uuid[])::uuid[])
      )
      ${withSize('found')}`);
    this.logsOf = plannedEachTime(`
      SELECT ${logRow(log)} FROM ${log.table} AS log
      WHERE log.${l('tokenId')} = $1::uuid ORDER BY log.${l('id')} DESC LIMIT $2`);
    this.settle = { skip: plannedEachTime(settle('skip')), wait: plannedEachTime(settle('wait')) };
    // Behind SELECT, the arrays seem short, and the planner looks each id up instead of reading a log of middling size.
    this.settleUsed = plannedEachTime(`
      UPDATE ${log.table} AS log
      SET ${l('outcome')} = 'used', ${l('statusCode')} = used.status, ${l('durationMs')} = used.duration
      FROM unnest((SELECT $1::uuid[]), (SELECT $2::int[]), (SELECT $3::int[])) AS used (id, status, duration)
      WHERE log.${l('id')} = used.id AND log.${l('outcome')} IN ('pending', 'used')`);
    this.withdraw = { skip: plannedEachTime(withdraw('skip')), wait: plannedEachTime(withdraw('wait')) };
    this.logRefusals = {
      skip: plannedEachTime(logRefusals('skip')),
      wait: plannedEachTime(logRefusals('wait')),
    };
    this.awaitLogs = plannedEachTime(lockLogs(`${l('id')} = ANY ((SELECT $1::uuid[])::uuid[])`));
    this.awaitPending = plannedEachTime(lockLogs(isAbandoned));
    this.findPending = plannedEachTime(`
      SELECT DISTINCT ${asText(l('tokenId'))} AS "tokenId" FROM ${log.table}
      WHERE ${l('outcome')} = 'pending' AND ${l('startedAt')} < $1 LIMIT $2`);
    this.releasePending = {
      skip: plannedEachTime(releasePending('skip')),
      wait: plannedEachTime(releasePending('wait')),
    };
  }

  /** Tells what a statement has reported as `bytes`, of which the next executions go by. */
  observeTokenTable(bytes: number): void {
    this.tokenTable.one.observe(bytes);
    this.tokenTable.many.observe(bytes);
  }
}

const namesOf = <Name extends string>(columns: Columns<Name>): Name[] => columns.map(([name]) => name);
