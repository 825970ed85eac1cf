import { createRequire } from 'node:module';

// As test/support/global-setup.ts, whose explanation holds here, too.
const load = createRequire(import.meta.url);
const { default: startDatabase } = load(
  '../support/global-setup.ts',
) as typeof import('../support/global-setup.js');
const { makeWorkplace } = load('./workplace.ts') as typeof import('./workplace.js');

/** Provides a database server, and the library as `npm pack` makes it. */
export default async function globalSetup(): Promise<void> {
  const workplace = await makeWorkplace();
  process.env.COMPAT_FOLDER = workplace.folder; // Jest's workers inherit both.
  process.env.COMPAT_TARBALL = workplace.tarball;
  await startDatabase();
}
