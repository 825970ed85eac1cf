import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Attributes, Counter, Histogram, Tracer } from '@opentelemetry/api';
import { RequestTokenException } from '../common/exception.js';
import { UsageService } from '../usage/usage.service.js';

const NAME = 'nestjs-request-token';

type Api = typeof import('@opentelemetry/api');

interface Instruments {
  issued: Counter;
  used: Counter;
  released: Counter;
  refused: Counter;
  duration: Histogram;
  tracer: Tracer;
  /** OpenTelemetry's code for what has failed. */
  failed: number;
}

/**
 * Metrics and spans by OpenTelemetry, where the app has its API installed; else nothing happens. Attributes are the
 * scope of a token and the code of a refusal, and never a JWT, a user or an address.
 */
@Injectable()
export class Telemetry implements OnModuleInit {
  private instruments?: Instruments;

  constructor(private readonly usage: UsageService) {}

  async onModuleInit(): Promise<void> {
    const api = await loadApi();
    if (api) this.instruments = this.createInstruments(api);
  }

  issued(scope: string | null): void {
    this.instruments?.issued.add(1, of(scope));
  }

  /** Of a use that was taken, when its answer has gone out. */
  settled(outcome: 'used' | 'released', scope: string | undefined): void {
    this.instruments?.[outcome].add(1, of(scope));
  }

  /** Uses that were pending, of any scope. */
  released(count: number): void {
    if (count > 0) this.instruments?.released.add(count);
  }

  refused({ code, claims }: RequestTokenException): void {
    this.instruments?.refused.add(1, { ...of(claims?.sub), code });
  }

  /** Takes a use, as a span. */
  async claim<Taken>(scope: string | undefined, take: () => Promise<Taken>): Promise<Taken> {
    if (!this.instruments) return take();
    const { tracer, duration, failed } = this.instruments;
    const attributes = of(scope);
    const startedAt = performance.now();
    return tracer.startActiveSpan('request_token claim', { attributes }, async (span) => {
      try {
        return await take();
      } catch (error) {
        // A link that is refused is no failure of the app.
        if (error instanceof RequestTokenException) span.setAttribute('code', error.code);
        else span.setStatus({ code: failed });
        throw error;
      } finally {
        span.end();
        duration.record((performance.now() - startedAt) / 1_000, attributes);
      }
    });
  }

  private createInstruments({ metrics, trace, SpanStatusCode }: Api): Instruments {
    const meter = metrics.getMeter(NAME);
    const counter = (name: string, description: string) =>
      meter.createCounter(`request_token.${name}`, { description });
    meter
      .createObservableGauge('request_token.unsettled', {
        description: 'Uses and refusals whose end is not in the database yet',
      })
      .addCallback((result) => result.observe(this.usage.unsettled));
    return {
      issued: counter('issued', 'Tokens that were issued'),
      used: counter('used', 'Uses that were kept'),
      released: counter('released', 'Uses that were given back'),
      refused: counter('refused', 'Requests that were refused because of their token'),
      duration: meter.createHistogram('request_token.claim.duration', {
        description: 'How long it took to take a use',
        unit: 's',
      }),
      tracer: trace.getTracer(NAME),
      failed: SpanStatusCode.ERROR,
    };
  }
}

const of = (scope: string | null | undefined): Attributes => (scope == null ? {} : { scope });

/** Left alone by bundlers, which would want it to be there. */
async function loadApi(): Promise<Api | undefined> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ '@opentelemetry/api');
  } catch {
    return undefined;
  }
}
