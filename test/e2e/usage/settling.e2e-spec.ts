import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { request as httpRequest, type ServerResponse } from 'node:http';
import { connect, constants } from 'node:http2';
import type { Server } from 'node:net';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
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
  Sse,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { of } from 'rxjs';
import { newId } from '../../../libs/request-token/src/common/uuid.js';
import { entryOutsideHttp } from '../../../libs/request-token/src/usage/log-entry.js';
import { UsageStore } from '../../../libs/request-token/src/usage/usage.store.js';
import { ADAPTER_NAMES, type AdapterName } from '../../support/adapters.js';
import { pathOf, TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

/** What Express and Fastify have in common. */
interface Reply {
  status(code: number): Reply;
  send(body: unknown): void;
  /** Of Fastify. */
  raw?: ServerResponse;
  /** Of Express. */
  sendFile?(path: string): void;
}

const rawOf = (reply: Reply): ServerResponse => reply.raw ?? (reply as unknown as ServerResponse);

const FILE = resolve('package.json');

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

  @Get('gate/:name/stream')
  async gatedStream(@Param('name') name: string) {
    await gates.get(name)?.pass();
    return new StreamableFile(Readable.from(['some ', 'text']));
  }

  @Get('gate/:name/web-stream')
  async gatedWebStream(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    const stream = new Blob(['some text']).stream();
    if (response.raw) response.send(stream);
    else
      Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]).pipe(
        response as unknown as ServerResponse,
      );
  }

  @Get('gate/:name/file')
  async gatedFile(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    if (response.sendFile) response.sendFile(FILE);
    else response.send(createReadStream(FILE));
  }

  @Get('gate/:name/pipe')
  async gatedPipe(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    createReadStream(FILE).pipe(rawOf(response));
  }

  @Get('gate/:name/failed-pipe')
  async gatedFailedPipe(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    const raw = rawOf(response);
    raw.statusCode = 500;
    createReadStream(FILE).pipe(raw);
  }

  @Get('gate/:name/write')
  async gatedWrite(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    rawOf(response).write('some text');
  }

  @Get('gate/:name/write-head')
  async gatedWriteHead(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    rawOf(response).writeHead(500);
  }

  @Get('gate/:name/flush')
  async gatedFlush(@Param('name') name: string, @Res() response: Reply) {
    await gates.get(name)?.pass();
    rawOf(response).flushHeaders();
  }

  @Sse('gate/:name/events')
  async gatedEvents(@Param('name') name: string) {
    await gates.get(name)?.pass();
    return of({ data: 'some text' });
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

/** The server learns on a connection of its own that a client has left. */
async function noConnections(app: TestApp): Promise<void> {
  const server = app.app.getHttpServer() as Server;
  const connections = promisify(server.getConnections.bind(server));
  await waitFor(
    async () => (await connections()) === 0 || undefined,
    () => 'the server to notice',
  );
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

  it.each([
    ['stream', 'used', 1],
    ['web-stream', 'used', 1],
    ['file', 'used', 1],
    ['pipe', 'used', 1],
    ['failed-pipe', 'released', 0],
    ['write', 'used', 1],
    ['write-head', 'released', 0],
    ['flush', 'used', 1],
    ['events', 'used', 1],
  ])(
    'of a request whose client has left follows the status of a handler that begins to answer: %s',
    async (kind, outcome, useCount) => {
      const gate = openGate(kind);
      const { url, token } = await issue(`gate/${kind}/${kind}`);
      const client = send(app, url);
      await gate.entered;
      client.leave();
      await client.ended;
      await noConnections(app);
      gate.release();
      await app.kit.settled();
      expect(await app.logs(token.id)).toMatchObject([{ outcome, statusCode: null }]);
      expect((await app.row(token.id)).useCount).toBe(useCount);
    },
  );

  it('puts no token out of service while somebody changes the log of one', async () => {
    const names = ['first', 'changed', 'last'];
    const gates = names.map((name) => openGate(name));
    const issued = await Promise.all(
      names.map((name) => app.tokens.issue({ target: `/pages/gate/${name}`, maxUses: null })),
    );
    const answers = issued.map(({ url }) => app.get(url).then(({ status }) => status));
    await Promise.all(gates.map(({ entered }) => entered));
    const [first, changed, last] = issued;
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('UPDATE request_token_log SET client_ip = NULL WHERE token_id = $1', [
      changed.token.id,
    ]);
    for (const gate of gates) gate.release(new Error('broken'));
    expect(await Promise.all(answers)).toEqual([500, 500, 500]);
    for (const { token } of [first, last]) {
      await waitFor(
        async () => (await app.row(token.id)).useCount === 0 || undefined,
        () => 'the uses of others to be given back',
      );
    }
    for (const { url } of issued) await app.get(url).expect(500);
    expect((await app.logs(changed.token.id))[0].outcome).toBe('pending');
    await runner.commitTransaction();
    await runner.release();
    await app.kit.settled();
    for (const { token } of issued) {
      expect((await app.row(token.id)).useCount).toBe(0);
      expect(await app.logs(token.id)).toMatchObject([{ outcome: 'released' }, { outcome: 'released' }]);
    }
  });

  it('leaves all uses of a token whose log is locked, so that none is given back twice', async () => {
    const store = app.app.get(UsageStore);
    const now = new Date();
    const takenUseOf = async (maxUses: number) => {
      const { token } = await app.tokens.issue({ scope: 'x', maxUses });
      const facts = { tokenId: token.id, outcome: 'pending' as const, userId: null, startedAt: now };
      const log = entryOutsideHttp(facts);
      const moment = { earliest: now, latest: now };
      await store.takeUses([{ tokenId: token.id, moment, log }], 'wait');
      await store.takeUses([{ tokenId: token.id, moment }], 'wait');
      return { tokenId: token.id, logId: log.id };
    };
    const locked = await takenUseOf(2);
    const free = await takenUseOf(2);
    const end = { outcome: 'released' as const, statusCode: 500, durationMs: 1 };
    const settlements = [
      { ...locked, ...end },
      { tokenId: locked.tokenId, ...end },
      { ...free, ...end },
      { tokenId: free.tokenId, ...end },
    ];
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM request_token_log WHERE id = $1 FOR UPDATE', [locked.logId]);
    expect(await store.settle(settlements, 'skip')).toEqual([false, false, true, true]);
    expect((await app.row(locked.tokenId)).useCount).toBe(2);
    expect((await app.row(free.tokenId)).useCount).toBe(0);
    const waiting = store.settle(settlements.slice(0, 2), 'wait');
    await runner.query('SELECT FROM request_token WHERE id = $1 FOR UPDATE NOWAIT', [locked.tokenId]);
    await runner.commitTransaction();
    await runner.release();
    await waiting;
    expect((await app.row(locked.tokenId)).useCount).toBe(0);
  });

  it('writes the log row of a use again that was deleted while its handler ran, and none of a token that was', async () => {
    const names = ['erased', 'gone', 'other'];
    const gates = names.map((name) => openGate(name));
    const issued = await Promise.all(names.map((name) => issue(`gate/${name}`)));
    const answers = issued.map(({ url }) => app.get(url).then(({ status }) => status));
    await Promise.all(gates.map(({ entered }) => entered));
    const [erased, gone, other] = issued.map(({ token }) => token.id);
    await app.dataSource.query('DELETE FROM request_token_log WHERE token_id = $1', [erased]);
    await app.dataSource.query('DELETE FROM request_token WHERE id = $1', [gone]);
    // Settled together, or one by one.
    for (const gate of gates) gate.release();
    expect(await Promise.all(answers)).toEqual([200, 200, 200]);
    await app.kit.settled();
    expect(await app.logs(gone)).toEqual([]);
    expect(await app.logs(other)).toMatchObject([{ outcome: 'used', statusCode: 200, method: 'GET' }]);
    const store = app.app.get(UsageStore);
    const end = { outcome: 'used' as const, statusCode: 204, durationMs: 7 };
    const [row] = await app.logs(other);
    const settlements = [
      { tokenId: erased, logId: newId(), ...end },
      { tokenId: other, logId: row.id, ...end },
    ];
    expect(await store.settle(settlements, 'skip')).toEqual([true, true]);
    expect(await app.logs(erased)).toContainEqual(
      expect.objectContaining({ outcome: 'used', statusCode: 204, durationMs: 7, clientIp: null }),
    );
    expect(await app.logs(other)).toMatchObject([{ statusCode: 204 }]);
    const withGone = [
      { tokenId: gone, logId: newId(), ...end },
      { tokenId: other, logId: row.id, ...end, statusCode: 205 },
    ];
    expect(await store.settle(withGone, 'skip')).toEqual([true, true]);
    expect(await app.logs(gone)).toEqual([]);
    expect(await app.logs(other)).toMatchObject([{ statusCode: 205 }]);
  });

  it.each([
    ['a column that must be given', 'ALTER TABLE request_token_log ALTER COLUMN path SET NOT NULL'],
    ['a check of its own', 'ALTER TABLE request_token_log ADD CHECK (path IS NOT NULL)'],
    [
      'a trigger',
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no path'; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON request_token_log
         FOR EACH ROW WHEN (NEW.path IS NULL) EXECUTE FUNCTION refuse()`,
    ],
  ])('settles in a log of which the app asks for more than a settlement knows, by %s', async (_, sql) => {
    const strict = await start(adapter);
    try {
      await strict.dataSource.query(sql);
      const used = await strict.tokens.issue({ target: '/pages/ok' });
      const released = await strict.tokens.issue({ target: '/pages/crash' });
      await Promise.all([strict.get(used.url).expect(200), strict.get(released.url).expect(500)]);
      expect(await strict.settledLogs(used.token.id)).toMatchObject([{ outcome: 'used', statusCode: 200 }]);
      expect(await strict.settledLogs(released.token.id)).toMatchObject([{ outcome: 'released' }]);
    } finally {
      await strict.close();
    }
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

describe('fastify: Settling over HTTP/2', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      adapter: 'fastify',
      controllers: [PagesController],
      adapterOptions: { http2: true },
    });
  });
  afterAll(() => app.close());

  it.each([
    ['keeps the use if the handler succeeds', 'kept-2', '', undefined, 'used', null],
    ['releases the use if the handler fails', 'failed-2', '', new Error('too late'), 'released', null],
    ['keeps the use if the handler answers with a stream', 'streamed-2', '/stream', undefined, 'used', null],
  ])('of a request that its client gives up %s', async (_, name, kind, failure, outcome, statusCode) => {
    const gate = openGate(name);
    const { url, token } = await app.tokens.issue({ target: `/pages/gate/${name}${kind}` });
    const client = connect(`http://127.0.0.1:${app.port}`);
    const request = client.request({ ':path': pathOf(url) });
    request.on('error', () => undefined).end();
    await gate.entered;
    request.close(constants.NGHTTP2_CANCEL);
    await once(request, 'close');
    // Answered behind it on the same connection: by now the server knows.
    const ping = promisify((done: (error: Error | null) => void) => void client.ping(done));
    await ping();
    gate.release(failure);
    await app.kit.settled();
    client.close();
    expect(await app.logs(token.id)).toMatchObject([{ outcome, statusCode }]);
  });

  it('follows the final status of a request that is answered', async () => {
    const { url, token } = await app.tokens.issue({ target: '/pages/crash' });
    const client = connect(`http://127.0.0.1:${app.port}`);
    const request = client.request({ ':path': pathOf(url) });
    request.resume().end();
    await once(request, 'close');
    client.close();
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: 'released', statusCode: 500 });
  });
});
