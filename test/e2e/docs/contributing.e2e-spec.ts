import { readdir } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { pathTo, readDocument } from '../../support/docs.js';

describe('CONTRIBUTING.md', () => {
  it('has the folders of the library in the order in which they import each other', async () => {
    const { default: config } = (await import(pathTo('.dependency-cruiser.js'))) as {
      default: { forbidden: { name: string }[] };
    };
    const floors = config.forbidden.flatMap(({ name }) => /^(.+)-imports-down-only$/.exec(name)?.[1] ?? []);
    const markdown = await readDocument('CONTRIBUTING.md');
    const rows = [...markdown.matchAll(/^\| ((?:[\w-]+\/(?:, )?)+) +\|/gm)];
    const shown = rows.flatMap(([, folders]) => folders.split(', ').map((folder) => folder.replace('/', '')));
    expect(shown).toEqual(floors);
    expect(floors.toSorted()).toEqual(
      (await readdir(pathTo('libs/request-token/src'), { withFileTypes: true }))
        .filter((item) => item.isDirectory())
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('names files that are there, on the way of one request', async () => {
    const [, way] = (await readDocument('CONTRIBUTING.md')).split('## The way of one request');
    const [section] = way.split('\n## ');
    expect(section.match(/^\d+\. /gm)).toHaveLength(10);
    const named = [...section.matchAll(/\b(?:[a-z]+\/)+[\w.-]+\.ts\b/g)].map(([name]) => name);
    const all = await readdir(pathTo('libs/request-token/src'), { recursive: true });
    expect(named.filter((name) => !all.includes(name))).toEqual([]);
  });

  it('has every script that checks something', async () => {
    const { scripts } = JSON.parse(await readDocument('package.json')) as { scripts: Record<string, string> };
    const markdown = await readDocument('CONTRIBUTING.md');
    const missing = Object.keys(scripts).filter(
      (name) => /^(test|bench|docs$|lint|typecheck)/.test(name) && !markdown.includes(`npm run ${name}`),
    );
    expect(missing.filter((name) => name !== 'test')).toEqual([]);
  });
});
