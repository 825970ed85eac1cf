import { RequestToken, RequestTokenLog, requestTokenMigrations } from 'nestjs-request-token';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { User } from '../../../support/user.entity.js';

export class CreateUsers1780000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'CREATE TABLE app_user (id serial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz)',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE app_user');
  }
}

/** The file that `typeorm migration:run -d …` is given. */
export default new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [User, RequestToken, RequestTokenLog], // nobody loads them here
  migrations: [CreateUsers1780000000000, ...requestTokenMigrations],
});
