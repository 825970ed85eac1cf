import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateFreshLink1767225600002 implements MigrationInterface {
  readonly name = 'CreateFreshLink1767225600002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE fresh_link (
        subscriber_id integer NOT NULL REFERENCES subscriber ON DELETE CASCADE,
        scope varchar(100) NOT NULL,
        sent_at timestamptz NOT NULL,
        PRIMARY KEY (subscriber_id, scope)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE fresh_link`);
  }
}
