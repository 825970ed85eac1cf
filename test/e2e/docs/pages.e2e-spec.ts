import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { allPages, codeIn, docsPages, pathTo, proseOf, readDocument } from '../../support/docs.js';

const TESTS = 'test/e2e/docs';

/** Files that recipes import and readers have one of their own of. */
const STAND_INS = ['directory.ts', 'mailer.ts', 'subscriber.entity.ts'];

/** Files that readers call otherwise. */
const RENAMED = new Map([
  ['testing-environment.js', 'environment.js'],
  ['readme-example.js', 'app.module.js'],
]);

/** Files stand elsewhere in an app than they do among tests. */
const withoutFolders = (code: string) =>
  code.replace(
    /'\.{1,2}\/(?:[\w.-]+\/)*([\w.-]+\.js)'/g,
    (_, name: string) => `'./${RENAMED.get(name) ?? name}'`,
  );

/** Whether these lines stand in the file one after the other, at whatever depth. */
function isPartOf(file: string, shown: string): boolean {
  const lines = shown.trimEnd().split('\n');
  return [0, 2, 4, 6, 8].some((depth) => {
    const indented = lines.map((line) => (line === '' ? '' : ' '.repeat(depth) + line));
    return `\n${file}`.includes(`\n${indented.join('\n')}\n`);
  });
}

const shownIn = (markdown: string) => codeIn(markdown, 'ts', 'tsx', 'typescript').map(withoutFolders);

let tested: Map<string, string>;

beforeAll(async () => {
  const names = (await readdir(pathTo(TESTS), { recursive: true })).filter((name) => name.endsWith('.ts'));
  tested = new Map(
    await Promise.all(
      names.map(async (name) => [name, withoutFolders(await readDocument(`${TESTS}/${name}`))] as const),
    ),
  );
});

describe('Code in the documents', () => {
  it('is a file that a test runs, or lines of one, to the letter', async () => {
    const strangers: string[] = [];
    for (const page of ['README.md', ...(await docsPages())]) {
      for (const code of shownIn(await readDocument(page))) {
        // What has no lines in between stands apart in the file, too.
        const parts = [...tested.values()].some((file) => isPartOf(file, code)) ? [] : code.split('\n\n');
        const isTested = parts.every((part) => [...tested.values()].some((file) => isPartOf(file, part)));
        if (!isTested) strangers.push(`${page}: ${code.split('\n').slice(0, 3).join(' ')}`);
      }
    }
    expect(strangers).toEqual([]);
  });

  it('is all of the recipes that are tested', async () => {
    const shown = (await Promise.all((await docsPages()).map(readDocument))).flatMap(shownIn);
    const unseen = [...tested].filter(
      ([name, file]) =>
        /^recipes\/[^/]+\.ts$/.test(name) &&
        !STAND_INS.includes(posix.basename(name)) &&
        !shown.includes(file),
    );
    expect(unseen.map(([name]) => name)).toEqual([]);
  });
});

describe('Links in the documents', () => {
  /** As GitHub makes it. */
  const slugOf = (heading: string) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');

  const anchorsOf = (markdown: string) =>
    [...markdown.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      slugOf(heading),
    );

  it('lead to files and headings that are there', async () => {
    const dead: string[] = [];
    for (const page of await allPages()) {
      const markdown = proseOf(await readDocument(page));
      const inline = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)];
      const named = [...markdown.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
      for (const [, href] of [...inline, ...named]) {
        if (/^[a-z][a-z\d+.-]*:/i.test(href)) continue;
        const [path, anchor] = href.split('#');
        const file = path === '' ? page : posix.join(posix.dirname(page), path);
        const isThere =
          existsSync(pathTo(file)) &&
          (anchor === undefined || anchorsOf(await readDocument(file)).includes(anchor));
        if (!isThere) dead.push(`${page}: ${href}`);
      }
    }
    expect(dead).toEqual([]);
  });
});
