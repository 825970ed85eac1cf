import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const { default: stopDatabase } = load(
  '../support/global-teardown.ts',
) as typeof import('../support/global-teardown.js');

export default async function globalTeardown(): Promise<void> {
  await stopDatabase();
  const folder = process.env.COMPAT_FOLDER;
  if (folder) await rm(folder, { recursive: true, force: true });
}
