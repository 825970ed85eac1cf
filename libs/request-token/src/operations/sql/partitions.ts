import { leastIdAt } from '../../common/uuid.js';
import { plannedEachTime, type StatementCall } from '../../database/statement.js';

/** A partition, by name as SQL has it; bounds that are null are open. */
export interface Partition {
  name: string;
  /** The least id. */
  from: string | null;
  /** The id behind the last. */
  to: string | null;
}

/** Returns the partitions of a table; none if it is not partitioned. */
export function findPartitions(table: string): StatementCall<Partition> {
  const statement = plannedEachTime(`
      SELECT child.oid::regclass::text AS "name",
        substring(bound.text FROM 'FROM \\(''([^'']*)''\\)') AS "from", substring(bound.text FROM 'TO \\(''([^'']*)''\\)') AS "to"
      FROM pg_catalog.pg_inherits AS inherited
      JOIN pg_catalog.pg_class AS child ON child.oid = inherited.inhrelid AND child.relispartition
      CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid) AS text) AS bound
      WHERE inherited.inhparent = to_regclass($1)`);
  return { statement, values: [table] };
}

/** In PostgreSQL, names are cut at this many bytes; what tells months apart must not be. */
const LONGEST_NAME = 63;

/**
 * The partition for a month, named after it. It is made by itself and attached then: so nobody who reads the log is
 * waited for. Each row is updated once, for which there is room on its page.
 */
export function createPartition(
  { table, tablePath }: { table: string; tablePath: string },
  month: Date,
  end: Date,
): string[] {
  const path = tablePath.split('.');
  const suffix = `_${month.toISOString().slice(0, 7).replace('-', '_')}`;
  const name = Buffer.from(path.pop()!)
    .subarray(0, LONGEST_NAME - suffix.length)
    .toString()
    // Half a character.
    .replace(/\uFFFD$/, '');
  const partition = [...path, name + suffix].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
  return [
    `CREATE TABLE ${partition} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED) WITH (fillfactor = 50)`,
    `ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES FROM ('${leastIdAt(month)}') TO ('${leastIdAt(end)}')`,
  ];
}

/** @param name as SQL has it */
export const dropPartition = (name: string): string[] => [`DROP TABLE IF EXISTS ${name}`];
