import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, GoneException } from '@nestjs/common';
import { type UsedContext, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { LogKeeper } from '../../support/log-keeper.js';
import { waitFor } from '../../support/wait-for.js';
import { pathOf, TestApp, type TestAppOptions } from '../../support/test-app.js';

@Controller()
class LinksController {
  static finish: (() => void) | undefined;

  @All('confirm')
  @UseRequestToken({ scope: 'x', confirm: true })
  confirm() {
    return 'done';
  }

  @Get('gone')
  @UseRequestToken({ scope: 'x', direct: true })
  gone() {
    throw new GoneException();
  }

  @Get('kept')
  @UseRequestToken({ scope: 'x', direct: true, releaseOnFailure: false, log: false })
  kept() {
    throw new GoneException();
  }

  @Get('slow')
  @UseRequestToken({ scope: 'x', direct: true })
  async slow() {
    await new Promise<void>((resolve) => (LinksController.finish = resolve));
    return 'done';
  }
}

describe.each(ADAPTER_NAMES)('%s: onUsed', (adapter) => {
  let app: TestApp;
  let told: UsedContext[];
  afterEach(() => app.close());

  const start = async (options: TestAppOptions = {}) => {
    told = [];
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      token: { onUsed: (used) => void told.push(used) },
      ...options,
    });
  };
  const issue = (target: string) => app.tokens.issue({ user: 7, scope: 'x', target, data: { list: 'a' } });

  it('is told of a use that is kept: whose, of what, and how it was answered', async () => {
    await start();
    const link = await issue('/confirm');
    await app.kit.scan(link);
    await app.tokens.settled();
    expect(told).toEqual([]);
    await app.http.post(pathOf(link.url)).set('User-Agent', 'Somebody').expect(200, 'done');
    await app.tokens.settled();
    expect(told).toEqual([
      {
        token: expect.objectContaining({ id: link.token.id, useCount: 1, data: { list: 'a' } }),
        claims: expect.objectContaining({ jti: link.token.id, aud: '7' }),
        user: { id: '7' },
        statusCode: 200,
        durationMs: expect.any(Number),
        request: {
          method: 'POST',
          path: '/confirm',
          clientIp: '127.0.0.1',
          userAgent: 'Somebody',
          startedAt: expect.any(Date),
        },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain(link.jwt);
  });

  it('is not told of refusals, nor of uses that are given back', async () => {
    await start();
    const gone = await issue('/gone');
    await app.get(gone.url).expect(410);
    await app.http.get('/gone').query({ rt: 'junk' }).expect(403);
    await app.tokens.settled();
    expect(told).toEqual([]);
  });

  it('is told of a failure whose use is kept, logged or not', async () => {
    await start();
    await app.get((await issue('/kept')).url).expect(410);
    await app.tokens.settled();
    expect(told).toMatchObject([{ statusCode: 410 }]);
  });

  it('is told without a status of a use whose client has left', async () => {
    await start();
    const { url } = await issue('/slow');
    const socket = connect(app.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET ${pathOf(url)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    while (!LinksController.finish) await new Promise(setImmediate);
    socket.destroy();
    const server = app.app.getHttpServer() as Server;
    const connections = promisify(server.getConnections.bind(server));
    await waitFor(
      async () => (await connections()) === 0 || undefined,
      () => 'the server to notice',
    );
    LinksController.finish();
    LinksController.finish = undefined;
    await app.kit.settled();
    expect(told).toMatchObject([{ statusCode: null }]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('the hook is broken'))],
    [
      'throws at once',
      () => {
        throw new Error('the hook is broken');
      },
    ],
  ])('spoils nothing when it %s, and is logged', async (_, onUsed) => {
    const logger = new LogKeeper();
    await start({ token: { onUsed }, logger });
    const link = await issue('/confirm');
    await app.http.post(pathOf(link.url)).expect(200, 'done');
    expect(await app.kit.log(link)).toMatchObject([{ outcome: 'used', statusCode: 200 }]);
    expect(logger.errors).toContainEqual(expect.stringContaining('the hook is broken'));
  });

  it.each([
    ['what it throws cannot be put into words', Object.create(null), new LogKeeper()],
    [
      'the logger of what it throws fails',
      new Error('the hook is broken'),
      Object.assign(new LogKeeper(), {
        error: () => {
          throw new Error('the disk is full');
        },
      }),
    ],
  ])('spoils nothing when %s', async (_, thrown, logger) => {
    await start({ token: { onUsed: () => Promise.reject(thrown as Error) }, logger });
    const link = await issue('/confirm');
    await app.http.post(pathOf(link.url)).expect(200, 'done');
    expect(await app.kit.log(link)).toMatchObject([{ outcome: 'used', statusCode: 200 }]);
  });

  it('is waited for by settled(), and by a shutdown', async () => {
    let isDone = false;
    const onUsed = async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      isDone = true;
    };
    await start({ token: { onUsed } });
    await app.http.post(pathOf((await issue('/confirm')).url)).expect(200);
    await app.tokens.settled();
    expect(isDone).toBe(true);
    isDone = false;
    await app.http.post(pathOf((await issue('/confirm')).url)).expect(200);
    await app.app.close();
    expect(isDone).toBe(true);
  });
});
