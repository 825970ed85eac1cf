import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableColumn,
  type TableColumnOptions,
  TableIndex,
} from 'typeorm';
import { TableNames } from './table-names.js';

/**
 * What operating needs: until when rows of deferred tokens, and what was revoked of them, must stay; the table of sums;
 * and indexes by which tokens of a scope, and attempts to use a token, are found in the order of their ids. That of
 * attempts takes the place of the one without ids. No table is rewritten for it.
 */
export class AddOperations1795996800000 implements MigrationInterface {
  readonly name = 'AddOperations1795996800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = namesOf(queryRunner);
    const { tokens, logs, statistics } = names;
    for (const { table, column } of addedColumns(names)) {
      await queryRunner.addColumn(table, new TableColumn({ name: column, type: MOMENT, isNullable: true }));
    }
    await queryRunner.createTable(
      new Table({ name: statistics.name, schema: statistics.schema, columns: columnsOf(statistics) }),
    );
    await queryRunner.createIndex(tokens.path, indexOf(tokens, ['scope', 'scope'], ['id', 'id']));
    await queryRunner.createIndex(logs.path, indexOf(logs, ['tokenId', 'token_id'], ['id', 'id']));
    await queryRunner.dropIndex(logs.path, indexOf(logs, ['tokenId', 'token_id']));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = namesOf(queryRunner);
    const { tokens, logs, statistics } = names;
    await queryRunner.createIndex(logs.path, indexOf(logs, ['tokenId', 'token_id']));
    await queryRunner.dropIndex(logs.path, indexOf(logs, ['tokenId', 'token_id'], ['id', 'id']));
    await queryRunner.dropIndex(tokens.path, indexOf(tokens, ['scope', 'scope'], ['id', 'id']));
    await queryRunner.dropTable(statistics.path);
    for (const { table, column } of addedColumns(names)) await queryRunner.dropColumn(table, column);
  }
}

const MOMENT = 'timestamp with time zone';

const addedColumns = ({ tokens, revocations }: ReturnType<typeof namesOf>) => [
  { table: tokens.path, column: tokens.column('deferredUntil', 'deferred_until') },
  { table: revocations.path, column: revocations.column('neededUntil', 'needed_until') },
];

function columnsOf(statistics: TableNames): TableColumnOptions[] {
  const count = (name: string) => ({ name: statistics.column(name, name), type: 'integer', default: 0 });
  return [
    { name: statistics.column('period', 'period'), type: 'varchar', length: '4', isPrimary: true },
    { name: statistics.column('beginsAt', 'begins_at'), type: MOMENT, isPrimary: true },
    { name: statistics.column('scope', 'scope'), type: 'varchar', length: '100', isPrimary: true },
    { name: statistics.column('summedAt', 'summed_at'), type: MOMENT, isNullable: true },
    ...['stored', 'deferred', 'used', 'released', 'pending'].map(count),
    { name: statistics.column('refused', 'refused'), type: 'jsonb', default: "'{}'" },
    { name: statistics.column('users', 'users'), type: 'jsonb', default: "'[]'" },
  ];
}

function indexOf(names: TableNames, ...columns: [property: string, name: string][]): TableIndex {
  const columnNames = columns.map(([property, name]) => names.column(property, name));
  return new TableIndex({ name: names.index(columnNames), columnNames });
}

const namesOf = ({ connection }: QueryRunner) => ({
  tokens: new TableNames(connection, 'RequestToken', 'request_token'),
  logs: new TableNames(connection, 'RequestTokenLog', 'request_token_log'),
  revocations: new TableNames(connection, 'RequestTokenRevocation', 'request_token_revocation'),
  statistics: new TableNames(connection, 'RequestTokenStatistic', 'request_token_statistic'),
});
