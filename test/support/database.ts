import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Removes it, even while connections to it are open. */
  drop: () => Promise<void>;
}

/** Makes an empty database for one spec, so that specs can run side by side and in any order. In UTF8, as a rule. */
export async function createDatabase(encoding?: string): Promise<TestDatabase> {
  const { create, ...database } = planDatabase(encoding);
  await create();
  return database;
}

/** As {@link createDatabase}, for those who have to know its address before it is there. */
export function planDatabase(encoding?: string): TestDatabase & { create: () => Promise<void> } {
  const server = process.env.TEST_DATABASE_URL;
  if (!server)
    throw new Error('TEST_DATABASE_URL is not set; test/support/global-setup.ts should have done it.');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const settings = encoding ? `ENCODING '${encoding}' LOCALE 'C' LOCALE_PROVIDER libc` : '';
  return {
    url: url.href,
    // From template0, which nobody can have changed or be connected to.
    create: () => execute(server, `CREATE DATABASE ${name} TEMPLATE template0 ${settings}`),
    drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
