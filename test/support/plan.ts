import type { DataSource } from 'typeorm';
import type { RecordedStatement } from './statement-recorder.js';

/** A node of a plan, as EXPLAIN says it in JSON. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Recheck Cond'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** A node that reads a table, and whether something above it may end that early. */
export interface TableRead {
  node: PlanNode;
  table: string;
  isLimited: boolean;
}

/** How PostgreSQL carries a statement out. It is, with `analyze`, and then taken back. */
export async function planOf(
  dataSource: DataSource,
  { text, values }: RecordedStatement,
  { analyze = false } = {},
): Promise<PlanNode> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    const [row] = (await runner.query(`EXPLAIN (ANALYZE ${analyze}, FORMAT JSON) ${text}`, values)) as {
      'QUERY PLAN': [{ Plan: PlanNode }];
    }[];
    return row['QUERY PLAN'][0].Plan;
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

/** The reads of tables in a plan, whether they are indexed or not. */
export function tableReads(node: PlanNode, isLimited = false): TableRead[] {
  const table = node['Relation Name'];
  const isRead = table !== undefined && node['Node Type'].includes('Scan');
  const isLimitedBelow = isLimited || node['Node Type'] === 'Limit';
  return [
    ...(isRead ? [{ node, table, isLimited }] : []),
    ...(node.Plans ?? []).flatMap((child) => tableReads(child, isLimitedBelow)),
  ];
}

/** Whether all of a table is read: one after the other, or by the whole of an index, and nothing ends that early. */
export const readsAll = ({ node, isLimited }: TableRead): boolean =>
  node['Node Type'] === 'Seq Scan' ||
  (node['Index Cond'] === undefined && node['Recheck Cond'] === undefined && !isLimited);

/** How many rows were looked at. */
export const rowsRead = ({ node }: TableRead): number =>
  ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0);
