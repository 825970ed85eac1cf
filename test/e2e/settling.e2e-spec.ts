import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Param,
  ParseIntPipe,
  Redirect,
  Res,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { pathOf, TestApp } from '../support/test-app.js';

/** What Express and Fastify have in common. */
interface Reply {
  status(code: number): Reply;
  send(body: unknown): void;
}

class OutOfStock extends Error {}

@Catch(OutOfStock)
class OutOfStockFilter implements ExceptionFilter {
  catch(_: OutOfStock, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Reply>().status(404).send({ sorry: true });
  }
}

/** Lets a test end a handler when it likes. */
class Gate {
  private open!: (failure?: Error) => void;
  readonly entered: Promise<void>;
  private enter!: () => void;
  private readonly opened: Promise<void>;

  constructor() {
    this.entered = new Promise((resolve) => (this.enter = resolve));
    this.opened = new Promise((resolve, reject) => {
      this.open = (failure) => (failure ? reject(failure) : resolve());
    });
  }

  pass(): Promise<void> {
    this.enter();
    return this.opened;
  }

  release(failure?: Error): void {
    this.open(failure);
  }
}

const gates = new Map<string, Gate>();

@Controller('pages')
@UseRequestToken()
class PagesController {
  @Get('ok')
  ok() {
    return 'ok';
  }

  @Get('crash')
  crash() {
    throw new Error('unforeseen');
  }

  @Get('number/:n')
  number(@Param('n', ParseIntPipe) n: number) {
    return n;
  }

  @Get('filtered')
  @UseFilters(OutOfStockFilter)
  filtered() {
    throw new OutOfStock();
  }

  @Get('kept')
  @UseRequestToken({ releaseOnFailure: false })
  kept() {
    throw new BadRequestException();
  }

  @Get('redirect')
  @Redirect('/elsewhere', 303)
  redirect() {}

  @Get('by-hand')
  byHand(@Res() response: Reply) {
    response.status(409).send('conflict');
  }

  @Get('stream')
  stream() {
    return new StreamableFile(Readable.from(['some ', 'text']));
  }

  @Get('gate/:name')
  async gate(@Param('name') name: string) {
    await gates.get(name)?.pass();
    return 'passed';
  }
}

const start = (adapter: AdapterName) => TestApp.start({ adapter, controllers: [PagesController] });

const openGate = (name: string): Gate => {
  const gate = new Gate();
  gates.set(name, gate);
  return gate;
};

/** Sends a request whose client can leave. */
function send(app: TestApp, url: string) {
  const request = httpRequest({ host: '127.0.0.1', port: app.port, path: pathOf(url) });
  const ended = new Promise<void>((resolve) => request.once('close', () => resolve()));
  request.on('error', () => undefined).end();
  return { leave: () => request.destroy(), ended };
}

describe.each(ADAPTER_NAMES)('%s: Settling', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await start(adapter);
  });
  afterAll(() => app.close());

  const issue = (path: string) => app.tokens.issue({ target: `/pages/${path}` });

  it.each([
    ['a handler that returns', 'ok', 200, 'used'],
    ['a handler that throws', 'crash', 500, 'released'],
    ['a pipe that refuses the input', 'number/x', 400, 'released'],
    ['an exception filter that answers', 'filtered', 404, 'released'],
    ['releaseOnFailure: false', 'kept', 400, 'used'],
    ['a redirect', 'redirect', 303, 'used'],
    ['a handler that answers by itself', 'by-hand', 409, 'released'],
    ['a stream', 'stream', 200, 'used'],
  ])('follows the final status of %s', async (_, path, status, outcome) => {
    const { url, token } = await issue(path);
    await app.get(url).expect(status);
    const [log] = await app.settledLogs(token.id);
    expect(log).toMatchObject({ statusCode: status, outcome });
    expect(log.durationMs).toBeGreaterThanOrEqual(0);
    expect((await app.row(token.id)).useCount).toBe(outcome === 'used' ? 1 : 0);
  });

  it('lets a released use be taken again', async () => {
    const { url, token } = await issue('crash');
    await app.get(url).expect(500);
    await app.settledLogs(token.id, 1);
    await app.get(url).expect(500);
    expect(await app.settledLogs(token.id, 2)).toHaveLength(2);
  });

  it('says pending while the handler runs', async () => {
    const gate = openGate('pending');
    const { url, token } = await issue('gate/pending');
    const response = app.get(url).then((answer) => answer.status);
    await gate.entered;
    expect(await app.logs(token.id)).toMatchObject([
      { outcome: 'pending', statusCode: null, durationMs: null },
    ]);
    expect((await app.row(token.id)).useCount).toBe(1);
    gate.release();
    expect(await response).toBe(200);
    await app.settledLogs(token.id);
  });

  it.each([
    ['keeps the use if the handler succeeds', undefined, 'used', 1],
    ['releases the use if the handler fails', new Error('too late'), 'released', 0],
  ])('of a request whose client has left %s, without a status', async (_, failure, outcome, useCount) => {
    const gate = openGate(outcome);
    const { url, token } = await issue(`gate/${outcome}`);
    const client = send(app, url);
    await gate.entered;
    client.leave();
    await client.ended;
    // The server learns of it on a connection of its own; until then the use is pending.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await app.logs(token.id))[0].outcome).toBe('pending');
    gate.release(failure);
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome, statusCode: null });
    expect((await app.row(token.id)).useCount).toBe(useCount);
  });

  it('never gives back a use twice', async () => {
    const { url, token } = await issue('ok');
    await app.get(url).expect(200);
    await app.settledLogs(token.id);
    expect((await app.row(token.id)).useCount).toBe(1);
  });
});

describe.each(ADAPTER_NAMES)('%s: Settling at shutdown', (adapter) => {
  it.each([
    ['before', true],
    ['after', false],
  ])('is drained while there is a DataSource, imported %s TypeOrmModule', async (_, tokenModuleFirst) => {
    const watcher = await start(adapter);
    const app = await TestApp.start({
      adapter,
      controllers: [PagesController],
      databaseUrl: (watcher.dataSource.options as { url: string }).url,
      tokenModuleFirst,
    });
    try {
      const gate = openGate('shutdown');
      const slow = await app.tokens.issue({ target: '/pages/gate/shutdown' });
      const abandoned = await app.tokens.issue({ target: '/pages/gate/abandoned' });
      const abandonedGate = openGate('abandoned');
      const quick = await Promise.all(
        Array.from({ length: 20 }, () => app.tokens.issue({ target: '/pages/ok' })),
      );

      const answer = app.get(slow.url).then(({ status }) => status);
      const client = send(app, abandoned.url);
      await Promise.all([gate.entered, abandonedGate.entered]);
      client.leave();
      await client.ended;
      await Promise.all(quick.map(({ url }) => app.get(url).expect(200)));
      const closed = app.close();
      setTimeout(() => gate.release(), 100);
      setTimeout(() => abandonedGate.release(), 200);
      expect(await answer).toBe(200);
      await closed;

      const logs = await Promise.all([slow, abandoned, ...quick].map(({ token }) => watcher.logs(token.id)));
      expect(logs.flat().map(({ outcome }) => outcome)).toEqual(Array(22).fill('used'));
    } finally {
      await watcher.close();
    }
  });
});
