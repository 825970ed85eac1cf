import { readFile } from 'node:fs/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { createDatabase } from '../../support/database.js';
import { readDocument } from '../../support/docs.js';
import { pathOf, SECRET } from '../../support/test-app.js';
import { User } from '../../support/user.entity.js';

const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');

describe("The README's example", () => {
  it('is the code that is tested here', async () => {
    const example = await read('./readme-example.ts');
    expect(await read('../../../README.md')).toContain(
      example.replace('../../support/user.entity.js', './user.entity.js'),
    );
  });

  it('of a test is from the spec that runs here', async () => {
    const spec = await read('./testing-example.e2e-spec.ts');
    const [, section] = (await read('../../../README.md')).split('`nestjs-request-token/testing`');
    const [, code] = /```ts\n([^]*?)```/.exec(section) ?? [];
    const tests = code.trim().split('\n\n');
    expect(tests).toHaveLength(2);
    for (const test of tests) expect(spec.replace(/^ {2}/gm, '')).toContain(test);
  });

  it('works', async () => {
    const database = await createDatabase();
    process.env.DATABASE_URL = database.url;
    process.env.REQUEST_TOKEN_SECRET = SECRET;
    const { AppModule, Mailings } = await import('./readme-example.js');
    const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = await moduleRef.createNestApplication({ logger: false }).init();
    try {
      const dataSource = app.get(DataSource);
      await dataSource.query(
        'CREATE TABLE app_user (id serial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz)',
      );
      await dataSource.runMigrations();
      /* eslint-disable no-console -- readers do it so */
      const printed = jest.spyOn(console, 'log').mockReturnValue();
      const user = await app.get(DataSource).manager.save(User, { name: 'Ann' }); // DataSource of typeorm
      console.log(await app.get(Mailings).unsubscribeLink(user));
      const path = pathOf(String(printed.mock.lastCall?.[0]));
      printed.mockRestore();
      /* eslint-enable no-console */
      const page = await request(app.getHttpServer()).get(path).expect(200);
      expect(page.text).toContain('<button>Confirm</button>');
      await request(app.getHttpServer()).post(path).expect(200, 'Good-bye, Ann.');
    } finally {
      await app.close();
      await database.drop();
    }
  });
});

describe('The README', () => {
  it('can be read in ten minutes', async () => {
    const readme = await readDocument('README.md');
    expect(readme.split(/\s+/).filter((word) => /\w/.test(word)).length).toBeLessThanOrEqual(1_700);
    const rows = readme.split('\n').filter((line) => line.startsWith('|'));
    const cells = rows.flatMap((row) => row.split('|').map((cell) => cell.trim()));
    expect(cells.filter(({ length }) => length > 160)).toEqual([]);
  });

  it('says first what most people want to know', async () => {
    const readme = await readDocument('README.md');
    const headings = [...readme.replace(/^```[^]*?^```$/gm, '').matchAll(/^## (.+)$/gm)];
    expect(headings.map(([, heading]) => heading)).toEqual([
      'Install',
      'Example',
      'What happens when the link is opened',
      'Security in six lines',
      'Confirm pages, and mail scanners',
      'Where to go next',
      'Figures and comparison',
      'Contribute',
    ]);
    const [, security] = readme.split(/^## Security in six lines$|^## Confirm pages/m);
    expect(security.match(/^\d\. /gm)).toHaveLength(6);
  });

  it('shows on its first screen how to start the newsletter, from a clone on', async () => {
    const firstScreen = (await readDocument('README.md')).split('\n').slice(0, 20).join('\n');
    expect(firstScreen).toMatch(/git clone \S+\ncd \S+\nnpm ci && npm start.*\nnpm ci && npm test/);
  });

  it('leads to a page for each kind of app', async () => {
    const [, next] = (await readDocument('README.md')).split('## Where to go next');
    for (const page of ['server-rendered', 'front-end', 'worker', 'graphql', 'sign-in-by-mail']) {
      expect(next).toContain(`(docs/${page}.md)`);
    }
  });

  it('says for each major version of Nest what to install', async () => {
    const manifest = JSON.parse(await readDocument('libs/request-token/package.json')) as {
      peerDependencies: Record<string, string>;
    };
    const majorsOf = (peer: string) =>
      [...manifest.peerDependencies[peer].matchAll(/\^(\d+)/g)].map(([, n]) => n);
    const lines = (await readDocument('README.md')).split('\n').filter((line) => line.startsWith('npm i '));
    expect(lines.map((line) => /@nestjs\/typeorm@(\d+)/.exec(line)?.[1]).toSorted()).toEqual(
      majorsOf('@nestjs/typeorm').toSorted(),
    );
    expect(majorsOf('@nestjs/core').toSorted()).toEqual(majorsOf('@nestjs/typeorm').toSorted());
  });
});

describe('The example of docs/testing.md', () => {
  it('is the spec that runs beside this one', async () => {
    const example = (await read('./testing-example.e2e-spec.ts'))
      .replace('./testing-environment.js', './environment.js')
      .replace('./readme-example.js', '../src/app.module.js')
      .replace('../../support/user.entity.js', '../src/user.entity.js');
    expect(await read('../../../docs/testing.md')).toContain(example);
  });
});
