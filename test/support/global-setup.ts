import { createRequire } from 'node:module';

// Jest transpiles this file but leaves its imports to node, which knows nothing of TypeScript. A `require` with
// the true file name, however, goes through Jest's hook.
const load = createRequire(import.meta.url);
const { startPostgres } = load('./postgres-server.ts') as typeof import('./postgres-server.js');

/** Provides the specs with a PostgreSQL server: the one that TEST_DATABASE_URL names, or else a new one. */
export default async function globalSetup(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) return;
  const server = await startPostgres().catch((error: Error) => {
    throw new Error(`${error.message}\nSet TEST_DATABASE_URL to run the tests on a server of your own.`, {
      cause: error,
    });
  });
  process.env.TEST_DATABASE_URL = server.url; // Jest's workers inherit it.
  globalThis.stopTestDatabase = async () => {
    // Gone before the next run of --watch, which would take it for the user's.
    delete process.env.TEST_DATABASE_URL;
    delete globalThis.stopTestDatabase;
    await server.destroy();
  };
}

declare global {
  // Shared with global-teardown.ts, which runs in the same process.
  var stopTestDatabase: (() => Promise<void>) | undefined;
}
