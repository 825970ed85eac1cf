import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { RequestTokenLog, UseRequestToken } from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

/** Where a handler waits until it is let go on. */
const gate = {
  reached: (): Promise<void> => Promise.resolve(),
  close(): { isReached: Promise<void>; open: () => void } {
    let open!: () => void;
    let tell!: () => void;
    const isOpen = new Promise<void>((resolve) => (open = resolve));
    const isReached = new Promise<void>((resolve) => (tell = resolve));
    gate.reached = () => {
      tell();
      return isOpen;
    };
    return { isReached, open };
  },
};

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}

  @Get('slow')
  @UseRequestToken({ scope: 'rsvp' })
  async slow() {
    await gate.reached();
  }

  @Get('broken')
  @UseRequestToken({ scope: 'rsvp' })
  broken() {
    throw new InternalServerErrorException();
  }
}

interface Point {
  attributes: object;
  value: unknown;
}

describe.each(ADAPTER_NAMES)('%s: OpenTelemetry', (adapter) => {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const spanExporter = new InMemorySpanExporter();
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
  let app: TestApp;
  beforeAll(async () => {
    metrics.setGlobalMeterProvider(meters);
    trace.setGlobalTracerProvider(tracers);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    app = await TestApp.start({
      adapter,
      controllers: [LinksController],
      // As instrumentation of HTTP does.
      configure: (nest) => {
        nest.use((_: unknown, response: ServerResponse, next: () => void) => {
          trace.getTracer('http').startActiveSpan('request', (span) => {
            response.once('finish', () => span.end());
            next();
          });
        });
      },
    });
  });
  beforeEach(async () => {
    await collected();
    spanExporter.reset();
  });
  afterEach(() => spanExporter.reset());
  afterAll(async () => {
    await app.close();
    await meters.shutdown();
    await tracers.shutdown();
    metrics.disable();
    trace.disable();
    context.disable();
  });

  /** What has been counted since the last time. */
  const collected = async (): Promise<Record<string, Point[]>> => {
    await app.tokens.settled();
    metricExporter.reset();
    await reader.forceFlush();
    const all = metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return Object.fromEntries(
      all
        .map(({ descriptor, dataPoints }): [string, Point[]] => [
          descriptor.name,
          dataPoints
            .map(({ attributes, value }) => ({
              attributes,
              value: typeof value === 'object' ? value.count : value,
            }))
            .filter(({ value }) => value !== 0),
        ])
        .filter(([, points]) => points.length > 0),
    );
  };
  const open = (jwt: string, path = '/rsvp') => app.http.get(path).query({ rt: jwt });
  const rsvp = (value: number, more: object = {}) => ({ attributes: { scope: 'rsvp', ...more }, value });

  it('counts what is issued, used, given back and refused, each once', async () => {
    const issued = await app.tokens.issue({ scope: 'rsvp', maxUses: 2 });
    const deferred = await app.tokens.issue({ scope: 'rsvp', deferred: true, expiresIn: '1h' });
    for await (const _ of app.tokens.issueMany([{ scope: 'letters' }, { target: '/somewhere' }])) void _;
    await open(issued.jwt, '/broken').expect(500);
    await open(issued.jwt).expect(200);
    await open(issued.jwt).expect(200);
    await open(issued.jwt).expect(403);
    await open(deferred.jwt).expect(200);
    await open('junk').expect(403);
    await app.tokens.redeem((await app.tokens.issue({ scope: 'rsvp' })).jwt, { scope: 'rsvp' });
    await expect(app.tokens.redeem(issued.jwt, { scope: 'letters' })).rejects.toThrow();

    expect(await collected()).toEqual({
      'request_token.issued': [
        rsvp(3),
        { attributes: { scope: 'letters' }, value: 1 },
        { attributes: {}, value: 1 },
      ],
      'request_token.used': [rsvp(4)],
      'request_token.released': [rsvp(1)],
      'request_token.refused': [
        rsvp(1, { code: 'token_exhausted' }),
        { attributes: { code: 'token_malformed' }, value: 1 },
        rsvp(1, { code: 'token_scope_mismatch' }),
      ],
      'request_token.claim.duration': [rsvp(6)],
    });
  });

  it('counts uses that are given back long after', async () => {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp' });
    await open(jwt).expect(200);
    await app.tokens.settled();
    await app.dataSource.manager.update(RequestTokenLog, { outcome: 'used' }, { outcome: 'pending' });
    await collected();
    expect(await app.tokens.releasePending({ olderThan: 0 })).toBeGreaterThan(0);
    expect(Object.keys(await collected())).toEqual(['request_token.released']);
  });

  it('has a span for each use that is asked for, within that of the request, without anything of its reader', async () => {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp', user: 'ann' });
    const tracer = trace.getTracer('test');
    await tracer.startActiveSpan('job', async (span) => {
      await app.tokens.redeem(jwt, { scope: 'rsvp' });
      await app.tokens.redeem(jwt, { scope: 'rsvp' }).catch(() => undefined);
      span.end();
    });
    const [first, second, job] = spanExporter.getFinishedSpans();
    expect([first, second, job].map(({ name }) => name)).toEqual([
      'request_token claim',
      'request_token claim',
      'job',
    ]);
    expect(first.parentSpanContext?.spanId).toBe(job.spanContext().spanId);
    expect(first.attributes).toEqual({ scope: 'rsvp' });
    expect(second.attributes).toEqual({ scope: 'rsvp', code: 'token_exhausted' });
    expect(second.status.code).not.toBe(SpanStatusCode.ERROR);
  });

  it('counts uses that are taken together each once, each in a span of its own request', async () => {
    const issued = await app.tokens.issue({ scope: 'rsvp', maxUses: 10 });
    const others = await Promise.all(Array.from({ length: 5 }, () => app.tokens.issue({ scope: 'rsvp' })));
    await collected();
    const jwts = [...Array.from({ length: 12 }, () => issued.jwt), ...others.map(({ jwt }) => jwt)];
    const statuses = await Promise.all(jwts.map((jwt) => open(jwt).then(({ status }) => status)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(15);
    expect(await collected()).toEqual({
      'request_token.used': [rsvp(15)],
      'request_token.refused': [rsvp(2, { code: 'token_exhausted' })],
      'request_token.claim.duration': [rsvp(17)],
    });
    const spans = spanExporter.getFinishedSpans();
    const claims = spans.filter(({ name }) => name === 'request_token claim');
    const requests = spans.filter(({ name }) => name === 'request');
    const ids = requests.map((span) => span.spanContext().spanId);
    expect(claims.map(({ parentSpanContext }) => parentSpanContext?.spanId).sort()).toEqual(ids.sort());
  });

  it('marks a span as failed where the database fails, and none of a link that is refused', async () => {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp' });
    await app.dataSource.query('ALTER TABLE request_token_log RENAME TO away');
    try {
      await open(jwt).expect(503);
    } finally {
      await app.dataSource.query('ALTER TABLE away RENAME TO request_token_log');
    }
    await open(jwt).expect(200);
    await open(jwt).expect(403);
    await app.tokens.settled();
    const claims = spanExporter.getFinishedSpans().filter(({ name }) => name === 'request_token claim');
    const { ERROR, UNSET } = SpanStatusCode;
    expect(claims.map(({ status }) => status.code)).toEqual([ERROR, UNSET, UNSET]);
    expect(JSON.stringify(claims.map(({ attributes, events }) => ({ attributes, events })))).not.toContain(
      jwt,
    );
  });

  it('tells how much is not settled', async () => {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp' });
    const { isReached, open: goOn } = gate.close();
    const asked = open(jwt, '/slow').then(({ status }) => status);
    await isReached;
    expect(await collected()).toMatchObject({ 'request_token.unsettled': [{ attributes: {}, value: 1 }] });
    goOn();
    expect(await asked).toBe(200);
    expect(await collected()).not.toHaveProperty('request_token.unsettled');
  });
});
