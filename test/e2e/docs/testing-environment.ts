import '../../support/testing-environment.js';
import { beforeAll } from '@jest/globals';
import { Client } from 'pg';

/** As migrations of the app itself make it. */
beforeAll(async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(
    'CREATE TABLE app_user (id serial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz)',
  );
  await client.end();
});
