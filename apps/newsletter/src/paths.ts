import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of this app. The compiler copies neither views nor data to `dist`, so both the source and the
 * built output find them here, wherever the process was started.
 */
export const appRoot = findAppRoot(dirname(fileURLToPath(import.meta.url)));

function findAppRoot(from: string): string {
  const candidate = join(from, 'apps', 'newsletter');
  if (existsSync(join(candidate, 'views'))) return candidate;
  const parent = dirname(from);
  if (parent === from) throw new Error('The folder apps/newsletter was not found above the running program.');
  return findAppRoot(parent);
}
