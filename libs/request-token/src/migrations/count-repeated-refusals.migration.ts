import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { EntityNames } from '../entities/entity-names.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';

/** `repeats`: how many attempts a log row of refusals stands for. PostgreSQL need not rewrite the table for it. */
export class CountRepeatedRefusals1795651200000 implements MigrationInterface {
  readonly name = 'CountRepeatedRefusals1795651200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const logs = new EntityNames(queryRunner.connection, RequestTokenLog);
    await queryRunner.addColumn(
      logs.tablePath,
      new TableColumn({ name: logs.column('repeats'), type: 'integer', default: 1 }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const logs = new EntityNames(queryRunner.connection, RequestTokenLog);
    await queryRunner.dropColumn(logs.tablePath, logs.column('repeats'));
  }
}
