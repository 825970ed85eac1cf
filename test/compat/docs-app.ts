import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../support/database.js';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The README's app, and what docs/testing.md says of its tests, as it stands in the page that readers follow. */
export async function filesOfDocs(): Promise<Record<string, string>> {
  const page = await read('docs/testing.md');
  const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';
  return {
    'test/links.e2e-spec.ts': block('ts'),
    'test/esm-packages.js': block('js'),
    'test/jest-e2e.json': block('json'),
    'test/environment.ts':
      "process.env.REQUEST_TOKEN_SECRET = 'a secret for tests that has more than 32 bytes';\n",
    'src/app.module.ts': (await read('test/e2e/docs/readme-example.ts')).replace('../../support/', './'),
    'src/user.entity.ts': await read('test/support/user.entity.ts'),
  };
}

export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** A database with the table that migrations of the app itself make. */
export async function createAppDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  const sql = new Client({ connectionString: database.url });
  await sql.connect();
  await sql.query(
    'CREATE TABLE app_user (id serial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz)',
  );
  await sql.end();
  return database;
}
