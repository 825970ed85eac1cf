import { type MigrationInterface, type QueryRunner, Table, TableCheck, TableIndex } from 'typeorm';
import { TableNames } from './table-names.js';

/** Makes the table of what is revoked of tokens that have no row yet. */
export class CreateRevocations1795737600000 implements MigrationInterface {
  readonly name = 'CreateRevocations1795737600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const revocations = revocationsOf(queryRunner);
    const tokenId = revocations.column('tokenId', 'token_id');
    const userId = revocations.column('userId', 'user_id');
    const scope = revocations.column('scope', 'scope');
    const isGiven = [tokenId, userId, scope].map((column) => `${revocations.quote(column)} IS NOT NULL`);
    await queryRunner.createTable(
      new Table({
        name: revocations.name,
        schema: revocations.schema,
        columns: [
          { name: revocations.column('id', 'id'), type: 'uuid', isPrimary: true },
          { name: tokenId, type: 'uuid', isNullable: true },
          { name: userId, type: 'text', isNullable: true },
          { name: scope, type: 'varchar', length: '100', isNullable: true },
          { name: revocations.column('revokedAt', 'revoked_at'), type: 'timestamp with time zone' },
        ],
        indices: [
          new TableIndex({ name: revocations.index([tokenId]), columnNames: [tokenId] }),
          new TableIndex({ name: revocations.index([userId, scope]), columnNames: [userId, scope] }),
        ],
        checks: [
          new TableCheck({
            name: revocations.check('"token_id" IS NOT NULL OR "user_id" IS NOT NULL OR "scope" IS NOT NULL'),
            expression: isGiven.join(' OR '),
          }),
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable(revocationsOf(queryRunner).path);
  }
}

const revocationsOf = ({ connection }: QueryRunner): TableNames =>
  new TableNames(connection, 'RequestTokenRevocation', 'request_token_revocation');
