import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { TableNames } from './table-names.js';

/** `repeats`: how many attempts a log row of refusals stands for. PostgreSQL need not rewrite the table for it. */
export class CountRepeatedRefusals1795651200000 implements MigrationInterface {
  readonly name = 'CountRepeatedRefusals1795651200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const logs = logsOf(queryRunner);
    await queryRunner.addColumn(
      logs.path,
      new TableColumn({ name: logs.column('repeats', 'repeats'), type: 'integer', default: 1 }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const logs = logsOf(queryRunner);
    await queryRunner.dropColumn(logs.path, logs.column('repeats', 'repeats'));
  }
}

const logsOf = ({ connection }: QueryRunner): TableNames =>
  new TableNames(connection, 'RequestTokenLog', 'request_token_log');
