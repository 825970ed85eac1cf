import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BROWSER_HEADERS, type Newsletter } from '../support/newsletter.js';
import { Sandbox } from '../support/sandbox.js';

// The embedded database takes seconds to be made, and to be taken over from a process that was killed.
jest.setTimeout(60_000);

describe('Without DATABASE_URL, the app', () => {
  const sandbox = new Sandbox();
  let folder: string;
  let current: Newsletter | undefined;
  beforeAll(async () => {
    folder = await sandbox.path('data');
  });
  afterAll(() => sandbox.close());

  /** Whatever the tests before have left of it. */
  const running = async () => (current ??= await sandbox.start({ DATA_DIR: folder }));
  const over = () => (current = undefined);

  it('prints the address at which it serves its pages', async () => {
    const app = await running();
    expect(app.announced).toMatch(/^http:\/\/localhost:\d+$/);
    await app.sendMailing();
    for (const path of ['/', '/inbox', '/inbox/1', '/request-tokens', '/mailings/spring-meetup']) {
      const { status, headers, text } = await app.request(app.announced + path, { headers: BROWSER_HEADERS });
      expect({ path, status, type: headers.get('content-type') }).toEqual({
        path,
        status: 200,
        type: 'text/html; charset=utf-8',
      });
      expect(text).toMatch(/<html lang="en">[^]*<title>[^]+<\/title>[^]*<h1>/);
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with exit code 0 when told to by %s', async (signal) => {
    const app = await running();
    over();
    expect(await app.stop(signal)).toMatchObject({ code: 0, signal: null });
  });

  it('refuses to share its folder with a second process, and says so', async () => {
    const app = await running();
    const { code, output } = await sandbox.run({ DATA_DIR: folder });
    expect(code).toBe(1);
    expect(output).toMatch(/^Newsletter cannot start: .* is in use by another process: .*DATA_DIR/m);
    expect(output).not.toMatch(/\n\s+at /);
    expect((await app.open('/')).status).toBe(200);
  });

  it('starts again after it was killed, and still has what it had', async () => {
    const before = await running();
    await before.sendMailing();
    await before.kill();
    over();
    const { text } = await (await running()).open('/');
    expect(text).toContain('<strong>12</strong> sent');
  });
});
