import { readdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { FrontEnd } from '../../support/front-end.js';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

let frontEnd: FrontEnd;
beforeAll(async () => {
  frontEnd = await FrontEnd.open();
});
afterAll(() => frontEnd.close());

describe('docs/front-end.md', () => {
  it('shows the files that are tested here, and in a browser', async () => {
    const markdown = await read('../../../docs/front-end.md');
    const names = await readdir(new URL('./front-end/', import.meta.url));
    const shown = [...markdown.matchAll(/^```(?:ts|js|html)\n([^]*?)^```$/gm)].map(([, code]) => code);
    const tested = await Promise.all(names.map((name) => read(`./front-end/${name}`)));
    expect(shown.toSorted()).toEqual(
      tested.map((code) => code.replace('../../../support/user.entity.js', './user.entity.js')).toSorted(),
    );
  });
});

describe.each(ADAPTER_NAMES)('%s: The recipe of a front end', (adapter) => {
  let api: Awaited<ReturnType<FrontEnd['startApi']>>;
  beforeEach(async () => {
    api = await frontEnd.startApi(adapter);
  });
  afterEach(() => api.close());

  it('leads to the page, which asks and posts', async () => {
    const { url } = await api.mailings.unsubscribeLink(api.ann);
    expect(url).toMatch(/^http:\/\/localhost:\d+\/unsubscribe\.html#rt=eyJ/);
    expect((await api.kit.scan(url)).get).toBe(200);
    expect(await api.kit.log(url)).toEqual([]);
    const { status, text } = await api.kit.click(url);
    expect({ status, ...(JSON.parse(text) as object) }).toEqual({
      status: 200,
      title: 'Done',
      message: 'Good-bye, Ann.',
    });
    expect(await api.kit.log(url)).toMatchObject([{ outcome: 'used', method: 'POST' }]);
  });

  it('has one click in mail programs, which ends at the API', async () => {
    const { headers } = await api.mailings.unsubscribeLink(api.ann);
    const [, url] = /^<(.+)>$/.exec(headers['List-Unsubscribe']) ?? [];
    expect(url.startsWith(`${api.url}/newsletter/unsubscribe?rt=`)).toBe(true);
    for (let repeat = 1; repeat <= 2; repeat++) {
      const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
      expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
    }
  });

  it('lets its own page read the answers, and no other', async () => {
    const { url } = await api.mailings.unsubscribeLink(api.ann);
    const token = new URLSearchParams(new URL(url).hash.slice(1)).get('rt');
    const readersOf = async (Origin: string) => {
      const { headers } = await fetch(`${api.url}/newsletter/unsubscribe?rt=${token}`, {
        headers: { Origin },
      });
      return headers.get('access-control-allow-origin');
    };
    expect(await readersOf(frontEnd.url)).toBe(frontEnd.url);
    expect(await readersOf('https://evil.example')).toBeNull();
    expect(api.log.join('\n')).toContain('GET /newsletter/unsubscribe?rt=[token]');
    expect(api.log.join('\n')).not.toContain('eyJ');
  });
});
