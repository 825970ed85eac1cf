import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableCheck,
  type TableColumnOptions,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { TableNames } from './table-names.js';

/** Makes the two tables as `synchronize` made them then, with the same names of keys and indexes. */
export class CreateRequestTokens1767225600000 implements MigrationInterface {
  readonly name = 'CreateRequestTokens1767225600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { tokens, logs } = tablesOf(queryRunner);
    const tokenId = tokens.column('id', 'id');
    const userId = tokens.column('userId', 'user_id');
    const scope = tokens.column('scope', 'scope');
    const maxUses = tokens.column('maxUses', 'max_uses');
    const useCount = tokens.column('useCount', 'use_count');
    const max = tokens.quote(maxUses);
    const count = tokens.quote(useCount);

    await queryRunner.createTable(
      new Table({
        name: tokens.name,
        schema: tokens.schema,
        columns: [
          { name: tokenId, type: 'uuid', isPrimary: true },
          { name: scope, type: 'varchar', length: '100', isNullable: true },
          { name: tokens.column('targetPath', 'target_path'), type: 'text', isNullable: true },
          { name: userId, type: 'text', isNullable: true },
          { name: tokens.column('loginMode', 'login_mode'), type: 'varchar', length: '10' },
          { name: tokens.column('issuedAt', 'issued_at'), ...MOMENT },
          { name: tokens.column('notBefore', 'not_before'), ...MOMENT, isNullable: true },
          { name: tokens.column('expiresAt', 'expires_at'), ...MOMENT, isNullable: true },
          { name: tokens.column('revokedAt', 'revoked_at'), ...MOMENT, isNullable: true },
          { name: maxUses, type: 'integer', isNullable: true },
          { name: useCount, type: 'integer', default: 0 },
          { name: tokens.column('data', 'data'), type: 'jsonb', default: "'{}'" },
        ],
        indices: [new TableIndex({ name: tokens.index([userId, scope]), columnNames: [userId, scope] })],
        checks: [
          new TableCheck({
            // TypeORM knows checks by their names, and makes them of the text in the entity, which has these names.
            name: tokens.check('"use_count" >= 0 AND ("max_uses" IS NULL OR "use_count" <= "max_uses")'),
            expression: `${count} >= 0 AND (${max} IS NULL OR ${count} <= ${max})`,
          }),
        ],
      }),
    );

    const loggedId = logs.column('tokenId', 'token_id');
    await queryRunner.createTable(
      new Table({
        name: logs.name,
        schema: logs.schema,
        columns: [
          { name: logs.column('id', 'id'), type: 'uuid', isPrimary: true },
          { name: loggedId, type: 'uuid' },
          { name: logs.column('userId', 'user_id'), type: 'text', isNullable: true },
          { name: logs.column('clientIp', 'client_ip'), type: 'inet', isNullable: true },
          { name: logs.column('userAgent', 'user_agent'), type: 'text', isNullable: true },
          { name: logs.column('method', 'method'), type: 'text', isNullable: true },
          { name: logs.column('path', 'path'), type: 'text', isNullable: true },
          { name: logs.column('statusCode', 'status_code'), type: 'integer', isNullable: true },
          { name: logs.column('outcome', 'outcome'), type: 'varchar', length: '32' },
          { name: logs.column('startedAt', 'started_at'), ...MOMENT },
          { name: logs.column('durationMs', 'duration_ms'), type: 'integer', isNullable: true },
        ],
        indices: [new TableIndex({ name: logs.index([loggedId]), columnNames: [loggedId] })],
        foreignKeys: [
          new TableForeignKey({
            name: logs.foreignKey([loggedId], tokens, [tokenId]),
            columnNames: [loggedId],
            referencedTableName: tokens.path,
            referencedColumnNames: [tokenId],
            onDelete: 'CASCADE',
          }),
        ],
      }),
    );

    // Room on each page for the next version of its rows: an update that stays on its page touches no index.
    // Every log row is updated once, a token for every use.
    await queryRunner.query(`ALTER TABLE ${tokens.quoted} SET (fillfactor = 70)`);
    await queryRunner.query(`ALTER TABLE ${logs.quoted} SET (fillfactor = 50)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { tokens, logs } = tablesOf(queryRunner);
    await queryRunner.dropTable(logs.path);
    await queryRunner.dropTable(tokens.path);
  }
}

const MOMENT: Pick<TableColumnOptions, 'type'> = { type: 'timestamp with time zone' };

const tablesOf = ({ connection }: QueryRunner) => ({
  tokens: new TableNames(connection, 'RequestToken', 'request_token'),
  logs: new TableNames(connection, 'RequestTokenLog', 'request_token_log'),
});
