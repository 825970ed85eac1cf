// `npm pack` and `npm publish` run this before (make) and after (remove): what a package consists of besides
// package.json is made from the repository, and is not kept.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const library = dirname(dirname(fileURLToPath(import.meta.url)));
const root = join(library, '../..');
const documents = ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs'];

function remove() {
  for (const name of ['dist', ...documents]) rmSync(join(library, name), { recursive: true, force: true });
}

function make() {
  remove();
  for (const name of documents) cpSync(join(root, name), join(library, name), { recursive: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(library, 'tsconfig.package.json')];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status === 0) return;
  remove();
  process.exitCode = 1;
}

if (process.argv[2] === 'make') make();
else remove();
