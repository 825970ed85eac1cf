// `npm pack` and `npm publish` run this before (make) and after (remove): what a package consists of besides
// package.json is made from the repository, and is not kept.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const library = dirname(dirname(fileURLToPath(import.meta.url)));
const root = join(library, '../..');
const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const documents = ['README.md', 'CHANGELOG.md', ...pages];

function remove() {
  for (const name of ['dist', 'docs', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
    rmSync(join(library, name), { recursive: true, force: true });
  }
}

function make() {
  remove();
  mkdirSync(join(library, 'docs'));
  cpSync(join(root, 'LICENSE'), join(library, 'LICENSE'));
  for (const name of documents) {
    writeFileSync(join(library, name), withLinks(readFileSync(join(root, name), 'utf8'), name));
  }
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(library, 'tsconfig.package.json')];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status === 0) return;
  remove();
  process.exitCode = 1;
}

/** Links of a document that lead nowhere on npm, or in the package, lead to the repository, as it is at this version. */
function withLinks(markdown, name) {
  const { version, repository } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  const home = repository.url.replace(/^git\+|\.git$/g, '');
  const at = (path) =>
    /\.(svg|png)$/.test(path)
      ? `${home.replace('//github.com/', '//raw.githubusercontent.com/')}/v${version}/${path}`
      : `${home}/blob/v${version}/${path}`;
  const lead = (link) => {
    if (/^([a-z][a-z\d+.-]*:|#)/i.test(link)) return link;
    const path = posix.join(posix.dirname(name), link);
    // The pages of docs/ find each other in the package; what npm shows as a page finds nothing there.
    const isBeside = name.startsWith('docs/') && [...documents, 'LICENSE'].includes(path.split('#')[0]);
    return isBeside ? link : at(path);
  };
  return markdown
    .split(/(^```[^]*?^```$)/m)
    .map((part) =>
      part.startsWith('```') ? part : part.replace(LINK, (_, before, link) => before + lead(link)),
    )
    .join('');
}

/** `](link)`, and `[name]: link` at the beginning of a line. */
const LINK = /(\]\(|^\[[^\]]+\]: )([^)\s]+)/gm;

if (process.argv[2] === 'make') make();
else remove();
