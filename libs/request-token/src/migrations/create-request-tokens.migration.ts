import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableCheck,
  type TableColumnOptions,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';

/**
 * Makes the two tables as `synchronize` would: schema, table prefix and naming strategy are those of the
 * DataSource, and names of keys and indexes are left to TypeORM.
 */
export class CreateRequestTokens1767225600000 implements MigrationInterface {
  readonly name = 'CreateRequestTokens1767225600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const tokens = new EntityNames(queryRunner.connection, RequestToken);
    const tokenColumn = columnsOf(tokens);
    const logs = new EntityNames(queryRunner.connection, RequestTokenLog);
    const logColumn = columnsOf(logs);
    const count = tokens.quoted('useCount');
    const max = tokens.quoted('maxUses');

    await queryRunner.createTable(
      new Table({
        name: tokens.tablePath,
        columns: [
          tokenColumn('id', { type: 'uuid', isPrimary: true }),
          tokenColumn('scope', { type: 'varchar', length: '100', isNullable: true }),
          tokenColumn('targetPath', { type: 'text', isNullable: true }),
          tokenColumn('userId', { type: 'text', isNullable: true }),
          tokenColumn('loginMode', { type: 'varchar', length: '10' }),
          tokenColumn('issuedAt', { type: 'timestamp with time zone' }),
          tokenColumn('notBefore', { type: 'timestamp with time zone', isNullable: true }),
          tokenColumn('expiresAt', { type: 'timestamp with time zone', isNullable: true }),
          tokenColumn('revokedAt', { type: 'timestamp with time zone', isNullable: true }),
          tokenColumn('maxUses', { type: 'integer', isNullable: true }),
          tokenColumn('useCount', { type: 'integer', default: 0 }),
          tokenColumn('data', { type: 'jsonb', default: "'{}'" }),
        ],
        indices: [new TableIndex({ columnNames: [tokens.column('userId'), tokens.column('scope')] })],
        checks: [new TableCheck({ expression: `${count} >= 0 AND (${max} IS NULL OR ${count} <= ${max})` })],
      }),
    );

    await queryRunner.createTable(
      new Table({
        name: logs.tablePath,
        columns: [
          logColumn('id', { type: 'uuid', isPrimary: true }),
          logColumn('tokenId', { type: 'uuid' }),
          logColumn('userId', { type: 'text', isNullable: true }),
          logColumn('clientIp', { type: 'inet', isNullable: true }),
          logColumn('userAgent', { type: 'text', isNullable: true }),
          logColumn('method', { type: 'text', isNullable: true }),
          logColumn('path', { type: 'text', isNullable: true }),
          logColumn('statusCode', { type: 'integer', isNullable: true }),
          logColumn('outcome', { type: 'varchar', length: '32' }),
          logColumn('startedAt', { type: 'timestamp with time zone' }),
          logColumn('durationMs', { type: 'integer', isNullable: true }),
        ],
        indices: [new TableIndex({ columnNames: [logs.column('tokenId')] })],
        foreignKeys: [
          new TableForeignKey({
            columnNames: [logs.column('tokenId')],
            referencedTableName: tokens.tablePath,
            referencedColumnNames: [tokens.column('id')],
            onDelete: 'CASCADE',
          }),
        ],
      }),
    );

    // Room on each page for the next version of its rows: an update that stays on its page touches no index.
    // Every log row is updated once, a token for every use.
    await queryRunner.query(`ALTER TABLE ${tokens.table} SET (fillfactor = 70)`);
    await queryRunner.query(`ALTER TABLE ${logs.table} SET (fillfactor = 50)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable(new EntityNames(queryRunner.connection, RequestTokenLog).tablePath);
    await queryRunner.dropTable(new EntityNames(queryRunner.connection, RequestToken).tablePath);
  }
}

/** A column under the name that the DataSource gives it. */
const columnsOf =
  <Entity extends object>(names: EntityNames<Entity>) =>
  (property: keyof Entity & string, options: Omit<TableColumnOptions, 'name'>): TableColumnOptions => ({
    ...options,
    name: names.column(property),
  });
