import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { FrontEnd } from '../support/front-end.js';
import { launchBrowser, Visitor } from '../support/visitor.js';

let browser: Browser;
let frontEnd: FrontEnd;
beforeAll(async () => {
  browser = await launchBrowser();
  frontEnd = await FrontEnd.open();
});
afterAll(async () => {
  await browser?.close();
  await frontEnd?.close();
});

describe.each(ADAPTER_NAMES)('%s: The page of a front end on another origin, in a browser', (adapter) => {
  let api: Awaited<ReturnType<FrontEnd['startApi']>>;
  let visitor: Visitor;
  beforeAll(async () => {
    api = await frontEnd.startApi(adapter);
  });
  afterAll(() => api?.close());
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, true);
  });
  afterEach(() => visitor.leave());

  const button = () => visitor.page.getByRole('button', { name: 'Unsubscribe' });
  const says = (text: string) => visitor.page.getByText(text).waitFor();

  async function arrive(): Promise<string> {
    const { url } = await api.mailings.unsubscribeLink(api.ann);
    await visitor.open(url, 'front end');
    await says('Unsubscribe Ann?');
    return url;
  }

  it('asks with the texts of the API, and acts when its button is pressed, once', async () => {
    const url = await arrive();
    await says('You will get no more mail from us.');
    expect(await api.kit.log(url)).toEqual([]);
    await button().dblclick();
    await says('Good-bye, Ann.');
    expect(await visitor.heading()).toBe('Done');
    expect(await visitor.page.locator('button').isVisible()).toBe(false);
    expect(await api.kit.log(url)).toMatchObject([{ outcome: 'used', method: 'POST', statusCode: 200 }]);
  });

  it('takes nothing twice when it is loaded again', async () => {
    const url = await arrive();
    await visitor.page.reload();
    await says('Unsubscribe Ann?');
    expect(await api.kit.log(url)).toEqual([]);
    await button().click();
    await says('Good-bye, Ann.');
    await visitor.page.reload();
    await says('Unsubscribe Ann?');
    expect(await api.kit.log(url)).toHaveLength(1);
  });

  it('says why a link does not work, instead of its button', async () => {
    const { url } = await api.mailings.unsubscribeLink(api.ann);
    api.kit.clock.advance('91d');
    await visitor.open(url, 'front end expired');
    await says('This link has expired.');
    expect(await visitor.page.locator('button').isVisible()).toBe(false);
    api.kit.clock.reset();
    await visitor.page.reload();
    await says('Unsubscribe Ann?');

    await api.tokens.revoke({ user: api.ann });
    await button().click();
    await says('withdrawn');
    await visitor.page.goto('about:blank');
    await visitor.open(`${frontEnd.url}/unsubscribe.html`, 'front end without token');
    await says('damaged');
  });

  it("leaves its token in no server's log, and in no Referer", async () => {
    await arrive();
    await button().click();
    await says('Good-bye, Ann.');
    expect(frontEnd.log.join('\n')).toContain('/unsubscribe.html');
    expect(frontEnd.log.join('\n')).not.toContain('eyJ');
    const ofApi = api.log.join('\n');
    expect(ofApi).toContain('GET /newsletter/unsubscribe?rt=[token]');
    expect(ofApi).toContain('POST /newsletter/unsubscribe?rt=[token]');
    expect(ofApi).not.toContain('eyJ');
  });

  it('breaks no rule of the browser about other origins', async () => {
    const complaints: string[] = [];
    visitor.page.on('console', (message) => complaints.push(message.text()));
    await arrive();
    await button().click();
    await says('Good-bye, Ann.');
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });
});
