import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../../support/test-app.js';
import { startMetrics } from './recipes/metrics.js';

@Controller()
class LinksController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {}
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('The recipe for metrics ends in what Prometheus scrapes', async () => {
  const port = await freePort();
  const provider = await startMetrics(port);
  const app = await TestApp.start({ controllers: [LinksController] });
  try {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp', user: 'ann' });
    for (const status of [200, 403]) await app.http.get('/rsvp').query({ rt: jwt }).expect(status);
    await app.tokens.settled();
    const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(scraped).toMatch(/^request_token_issued_total\{scope="rsvp"[^}]*\} 1$/m);
    expect(scraped).toMatch(/^request_token_used_total\{scope="rsvp"[^}]*\} 1$/m);
    expect(scraped).toMatch(/^request_token_refused_total\{scope="rsvp",code="token_exhausted"[^}]*\} 1$/m);
    expect(scraped).toMatch(
      /^request_token_claim_duration_seconds?_count\{scope="rsvp"[^}]*\} 2$|^request_token_claim_duration_count\{scope="rsvp"[^}]*\} 2$/m,
    );
    expect(scraped).toMatch(/^request_token_unsettled/m);
    expect(scraped).not.toContain('ann');
    expect(scraped).not.toContain(jwt.slice(0, 20));
  } finally {
    await app.close();
    await provider.shutdown();
    metrics.disable();
  }
});
