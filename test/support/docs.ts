import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** A file of the repository, by its path from there. */
export const readDocument = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

export const pathTo = (path: string): string => fileURLToPath(new URL(path, root));

/** The pages of docs/, by their path from the root. */
export const docsPages = async (): Promise<string[]> =>
  (await readdir(new URL('docs/', root)))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);

/** The pages that people read, on GitHub and on the site. */
export const allPages = async (): Promise<string[]> => [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  ...(await docsPages()),
];

/** What stands in fences of these languages. */
export const codeIn = (markdown: string, ...languages: string[]): string[] =>
  [...markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, language]) => languages.includes(language))
    .map(([, , code]) => code);

/** Without its fences, and without code. */
export const proseOf = (markdown: string): string =>
  markdown.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '``');
