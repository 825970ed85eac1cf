import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Headers, HttpException, Res } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

interface ExpressResponse {
  download(path: string): void;
  sendFile(path: string): void;
  format(formats: Record<string, () => void>): void;
}

let folder: string;
let file: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestjs-request-token-'));
  file = join(folder, 'invoice.txt');
  await writeFile(file, '0123456789');
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  runs = 0;
});

/** What Express itself makes of a request's header fields. */
@Controller()
@UseRequestToken({ scope: 'file' })
class ExpressFiles {
  @Get('download')
  download(@Res() response: ExpressResponse) {
    runs++;
    response.download(file);
  }

  @Get('file')
  file(@Res() response: ExpressResponse) {
    runs++;
    response.sendFile(file);
  }

  @Get('format')
  format(@Res() response: ExpressResponse) {
    runs++;
    response.format({ json: () => response.sendFile(file) });
  }
}

describe('express: A status that a header field of the client has made', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ controllers: [ExpressFiles] });
  });
  afterAll(() => app.close());

  it.each([
    ['/download', 'If-Match', '"x"', 412],
    ['/file', 'If-Match', '"x"', 412],
    ['/file', 'If-Unmodified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT', 412],
    ['/download', 'Range', 'bytes=100-200', 416],
    ['/format', 'Accept', 'image/png', 406],
  ])(
    'keeps the use: the handler of %s had run, whatever %s: %s made of it',
    async (path, name, value, status) => {
      const { url, token } = await app.tokens.issue({ scope: 'file', target: path });
      await app.get(url).set(name, value).expect(status);
      expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome: 'used', statusCode: status });
      await app.get(url).set(name, value).expect(403);
      expect(runs).toBe(1);
    },
  );

  it('is kept, too, when nothing is wrong with it', async () => {
    const { url, token } = await app.tokens.issue({ scope: 'file', target: '/download' });
    await app.get(url).set('Range', 'bytes=2-4').expect(206);
    expect((await app.settledLogs(token.id))[0].outcome).toBe('used');
  });
});

@Controller()
@UseRequestToken({ scope: 'file' })
class Answers {
  /** As what sends files does it, on either platform. */
  @Get('answer')
  answer(@Headers('x-status') status: string) {
    throw new HttpException({}, Number(status));
  }
}

describe.each(ADAPTER_NAMES)('%s: A final status of', (adapter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ adapter, controllers: [Answers] });
  });
  afterAll(() => app.close());

  it.each<[number, 'used' | 'released', Record<string, string>]>([
    [412, 'used', { 'If-None-Match': '*' }],
    [412, 'used', { 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    [412, 'used', { 'If-Range': '"x"' }],
    [412, 'released', { Range: 'bytes=0-1' }],
    [416, 'used', { Range: 'bytes=100-' }],
    [416, 'released', { 'If-Match': '"x"' }],
    [406, 'used', { Accept: 'x/y' }],
    [406, 'used', { 'Accept-Language': 'tlh' }],
    [417, 'released', { Range: 'bytes=0-1' }],
    [408, 'released', { 'If-Match': '"x"' }],
    [400, 'released', { 'If-Match': '"x"', Range: 'bytes=0-1', Accept: 'x/y' }],
    [500, 'released', { 'If-Match': '"x"', Range: 'bytes=0-1', Accept: 'x/y' }],
  ])('%i makes the use %s after %j', async (status, outcome, headers) => {
    const { url, token } = await app.tokens.issue({ scope: 'file', target: '/answer' });
    await app
      .get(url)
      .set({ 'x-status': String(status), ...headers })
      .expect(status);
    expect((await app.settledLogs(token.id))[0]).toMatchObject({ outcome, statusCode: status });
  });
});
