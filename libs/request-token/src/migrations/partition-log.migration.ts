import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TableNames } from './table-names.js';

/**
 * Partitions the log by the month in its ids. The table that there is becomes the partition of all months until now; it
 * is read once, to be sure of that, and not rewritten. What it has of indexes, keys and grants, the new one has.
 */
export class PartitionLog1796083200000 implements MigrationInterface {
  readonly name = 'PartitionLog1796083200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const logs = logsOf(queryRunner);
    const first = named(logs, '_first');
    const id = logs.quote(logs.column('id', 'id'));
    const { end, months } = await monthsBehind(queryRunner, logs);
    const definitions = await definitionsOf(queryRunner, logs);

    await queryRunner.query(`ALTER TABLE ${logs.quoted} RENAME TO ${logs.quote(first)}`);
    await renameAll(queryRunner, logs, first, definitions);
    const old = inSchema(logs, first);
    await queryRunner.query(
      `CREATE TABLE ${logs.quoted} (LIKE ${old} INCLUDING DEFAULTS) PARTITION BY RANGE (${id})`,
    );
    await restore(queryRunner, logs, definitions);
    await copyRights(queryRunner, old, logs.quoted);
    await queryRunner.query(
      `ALTER TABLE ${logs.quoted} ATTACH PARTITION ${old} FOR VALUES FROM (MINVALUE) TO ('${leastIdAt(end)}')`,
    );
    for (const [from, to] of months) {
      const name = named(logs, `_${from.toISOString().slice(0, 7).replace('-', '_')}`);
      await queryRunner.query(
        `CREATE TABLE ${inSchema(logs, name)} PARTITION OF ${logs.quoted}
         FOR VALUES FROM ('${leastIdAt(from)}') TO ('${leastIdAt(to)}') WITH (fillfactor = 50)`,
      );
    }
  }

  /** Copies all rows into one table. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const logs = logsOf(queryRunner);
    const whole = named(logs, '_whole');
    const definitions = await definitionsOf(queryRunner, logs);
    await queryRunner.query(
      `CREATE TABLE ${inSchema(logs, whole)} (LIKE ${logs.quoted} INCLUDING DEFAULTS) WITH (fillfactor = 50)`,
    );
    await copyRights(queryRunner, logs.quoted, inSchema(logs, whole));
    await queryRunner.query(`INSERT INTO ${inSchema(logs, whole)} SELECT * FROM ${logs.quoted}`);
    await queryRunner.query(`DROP TABLE ${logs.quoted}`);
    await queryRunner.query(`ALTER TABLE ${inSchema(logs, whole)} RENAME TO ${logs.quote(logs.name)}`);
    await restore(queryRunner, logs, definitions);
  }
}

/** An index or a constraint, and how it is made. */
interface Definition {
  name: string;
  kind: 'index' | 'constraint';
  sql: string;
}

const MONTHS_AHEAD = 3;

async function monthsBehind(
  queryRunner: QueryRunner,
  logs: TableNames,
): Promise<{ end: Date; months: [from: Date, to: Date][] }> {
  const id = logs.quote(logs.column('id', 'id'));
  const [last] = (await queryRunner.query(
    `SELECT ${id}::text AS id FROM ${logs.quoted} ORDER BY ${id} DESC LIMIT 1`,
  )) as { id: string }[];
  const now = new Date();
  const end = monthOf(now, 1);
  if (last && last.id >= leastIdAt(end)) {
    throw new Error(
      `The log has a row with the id ${last.id}, which is of no month until now: delete it, or wait until its month is over`,
    );
  }
  const months = Array.from({ length: MONTHS_AHEAD }, (_, ahead): [Date, Date] => [
    monthOf(now, ahead + 1),
    monthOf(now, ahead + 2),
  ]);
  return { end, months };
}

/** Whatever migrations have made of the table: constraints first, as indexes belong to some of them. */
async function definitionsOf(queryRunner: QueryRunner, logs: TableNames): Promise<Definition[]> {
  return (await queryRunner.query(
    `SELECT conname AS name, 'constraint' AS kind, pg_get_constraintdef(oid) AS sql
     FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'f', 'c')
     UNION ALL
     SELECT class.relname, 'index', regexp_replace(pg_get_indexdef(class.oid), '^CREATE (UNIQUE )?INDEX .*? USING ', '\\1USING ')
     FROM pg_index JOIN pg_class AS class ON class.oid = pg_index.indexrelid
     WHERE pg_index.indrelid = $1::regclass
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = class.oid AND contype IN ('p', 'u'))
     ORDER BY 2, 1`,
    [logs.quoted],
  )) as Definition[];
}

/** Out of the way of those of the new table, which have their names. */
async function renameAll(
  queryRunner: QueryRunner,
  logs: TableNames,
  table: string,
  definitions: Definition[],
): Promise<void> {
  for (const { name, kind } of definitions) {
    const other = logs.quote(`${name.slice(0, 57)}_first`);
    await queryRunner.query(
      kind === 'constraint'
        ? `ALTER TABLE ${inSchema(logs, table)} RENAME CONSTRAINT ${logs.quote(name)} TO ${other}`
        : `ALTER INDEX ${inSchema(logs, name)} RENAME TO ${other}`,
    );
  }
}

async function restore(queryRunner: QueryRunner, logs: TableNames, definitions: Definition[]): Promise<void> {
  for (const { name, kind, sql } of definitions) {
    await queryRunner.query(
      kind === 'constraint'
        ? `ALTER TABLE ${logs.quoted} ADD CONSTRAINT ${logs.quote(name)} ${sql}`
        : `CREATE ${sql.startsWith('UNIQUE') ? 'UNIQUE ' : ''}INDEX ${logs.quote(name)} ON ${logs.quoted} ${sql.replace('UNIQUE ', '')}`,
    );
  }
}

/** What roles other than the owner may do. */
async function copyRights(queryRunner: QueryRunner, from: string, to: string): Promise<void> {
  const grants = (await queryRunner.query(
    `SELECT granted.privilege_type AS privilege,
       CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(granted.grantee)) END AS grantee,
       CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option
     FROM pg_class CROSS JOIN LATERAL aclexplode(pg_class.relacl) AS granted
     WHERE pg_class.oid = $1::regclass AND granted.grantee <> pg_class.relowner`,
    [from],
  )) as { privilege: string; grantee: string; option: string }[];
  for (const { privilege, grantee, option } of grants) {
    await queryRunner.query(`GRANT ${privilege} ON ${to} TO ${grantee}${option}`);
  }
}

/** A name that begins as the log's, and that PostgreSQL does not cut: it does at 63 bytes. */
const named = ({ name }: TableNames, suffix: string): string =>
  Buffer.from(name)
    .subarray(0, 63 - suffix.length)
    .toString()
    .replace(/\uFFFD$/, '') + suffix;

const inSchema = ({ schema, quote }: TableNames, name: string): string =>
  schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`;

/** When a month begins, in UTC. */
const monthOf = (moment: Date, ahead: number): Date =>
  new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + ahead));

/** Below every UUID v7 that is made from this moment on, and above all that were made before. */
function leastIdAt(moment: Date): string {
  const hex = moment.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

const logsOf = ({ connection }: QueryRunner): TableNames =>
  new TableNames(connection, 'RequestTokenLog', 'request_token_log');
