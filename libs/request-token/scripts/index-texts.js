// Lists the languages in src/pages/texts in its index.ts. A language is a file there, named after its BCP 47 tag.
// The folder is not read at run time, because bundlers put apps into one file and leave folders behind.
// `npm run build` does this first; with --check nothing is written, and a stale index is an error.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/pages/texts');
const index = join(folder, 'index.ts');

const tags = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
  .map((name) => name.slice(0, -'.ts'.length))
  .sort();
const nameOf = (tag) => tag.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const entryOf = (tag) => (nameOf(tag) === tag ? tag : `'${tag}': ${nameOf(tag)}`);

const text = `// Made by scripts/index-texts.js.
import type { CompleteTexts } from '../page.js';
${tags.map((tag) => `import ${nameOf(tag)} from './${tag}.js';`).join('\n')}

/** The texts that come with the module, by BCP 47 language tag. */
export const TEXTS: Record<string, CompleteTexts> = {
${tags.map((tag) => `  ${entryOf(tag)},`).join('\n')}
};
`;

const isCheck = process.argv.includes('--check');
if (!isCheck) {
  writeFileSync(index, text);
} else if (readFileSync(index, 'utf8') !== text) {
  process.stderr.write('pages/texts/index.ts does not list the files beside it: run `npm run texts`\n');
  process.exitCode = 1;
}
