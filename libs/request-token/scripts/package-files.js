// `npm pack` and `npm publish` run this before (make) and after (remove): what a package consists of besides
// package.json is made from the repository, and is not kept.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const library = dirname(dirname(fileURLToPath(import.meta.url)));
const root = join(library, '../..');
const copied = ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs'];

for (const name of ['dist', ...copied]) rmSync(join(library, name), { recursive: true, force: true });

if (process.argv[2] === 'make') {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(library, 'tsconfig.package.json')], { stdio: 'inherit' });
  for (const name of copied) cpSync(join(root, name), join(library, name), { recursive: true });
}
