import {
  type DataSource,
  type EntityTarget,
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableCheck,
  type TableColumnOptions,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';

/**
 * Makes the two tables as `synchronize` would: schema, table prefix and naming strategy are those of the
 * DataSource, and names of keys and indexes are left to TypeORM.
 */
export class CreateRequestTokens1767225600000 implements MigrationInterface {
  readonly name = 'CreateRequestTokens1767225600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const tokens = namesOf(queryRunner.connection, RequestToken);
    const logs = namesOf(queryRunner.connection, RequestTokenLog);
    const count = tokens.quoted('useCount');
    const max = tokens.quoted('maxUses');

    await queryRunner.createTable(
      new Table({
        name: tokens.table,
        columns: [
          tokens.column('id', { type: 'uuid', isPrimary: true }),
          tokens.column('scope', { type: 'varchar', length: '100', isNullable: true }),
          tokens.column('targetPath', { type: 'text', isNullable: true }),
          tokens.column('userId', { type: 'text', isNullable: true }),
          tokens.column('loginMode', { type: 'varchar', length: '10' }),
          tokens.column('issuedAt', { type: 'timestamp with time zone' }),
          tokens.column('notBefore', { type: 'timestamp with time zone', isNullable: true }),
          tokens.column('expiresAt', { type: 'timestamp with time zone', isNullable: true }),
          tokens.column('revokedAt', { type: 'timestamp with time zone', isNullable: true }),
          tokens.column('maxUses', { type: 'integer', isNullable: true }),
          tokens.column('useCount', { type: 'integer', default: 0 }),
          tokens.column('data', { type: 'jsonb', default: "'{}'" }),
        ],
        indices: [new TableIndex({ columnNames: [tokens.name('userId'), tokens.name('scope')] })],
        checks: [new TableCheck({ expression: `${count} >= 0 AND (${max} IS NULL OR ${count} <= ${max})` })],
      }),
    );

    await queryRunner.createTable(
      new Table({
        name: logs.table,
        columns: [
          logs.column('id', { type: 'uuid', isPrimary: true }),
          logs.column('tokenId', { type: 'uuid' }),
          logs.column('userId', { type: 'text', isNullable: true }),
          logs.column('clientIp', { type: 'inet', isNullable: true }),
          logs.column('userAgent', { type: 'text', isNullable: true }),
          logs.column('method', { type: 'text', isNullable: true }),
          logs.column('path', { type: 'text', isNullable: true }),
          logs.column('statusCode', { type: 'integer', isNullable: true }),
          logs.column('outcome', { type: 'varchar', length: '32' }),
          logs.column('startedAt', { type: 'timestamp with time zone' }),
          logs.column('durationMs', { type: 'integer', isNullable: true }),
        ],
        indices: [new TableIndex({ columnNames: [logs.name('tokenId')] })],
        foreignKeys: [
          new TableForeignKey({
            columnNames: [logs.name('tokenId')],
            referencedTableName: tokens.table,
            referencedColumnNames: [tokens.name('id')],
            onDelete: 'CASCADE',
          }),
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable(namesOf(queryRunner.connection, RequestTokenLog).table);
    await queryRunner.dropTable(namesOf(queryRunner.connection, RequestToken).table);
  }
}

/** Names as the DataSource has them, so that the migration fits its prefix, schema and naming strategy. */
function namesOf<Entity extends object>(connection: DataSource, entity: EntityTarget<Entity>) {
  const metadata = connection.getMetadata(entity);
  const name = (property: keyof Entity & string): string => {
    const column = metadata.findColumnWithPropertyName(property);
    if (!column) throw new Error(`${metadata.name}.${property} has no column`);
    return column.databaseName;
  };
  return {
    table: metadata.tablePath,
    name,
    quoted: (property: keyof Entity & string) => connection.driver.escape(name(property)),
    column: (
      property: keyof Entity & string,
      options: Omit<TableColumnOptions, 'name'>,
    ): TableColumnOptions => ({
      ...options,
      name: name(property),
    }),
  };
}
