import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table of connect-pg-simple, whose own one compares moments without their time zone. */
export class CreateSession1767225600003 implements MigrationInterface {
  readonly name = 'CreateSession1767225600003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE session (
        sid varchar PRIMARY KEY,
        sess json NOT NULL,
        expire timestamptz NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX session_expire ON session (expire)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE session`);
  }
}
