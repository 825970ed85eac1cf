import { Agent, get as httpGet } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { attemptsIn, pathOf, TestApp } from '../../support/test-app.js';
import { ADAPTERS_AND_KINDS } from '../../support/token-kinds.js';

@Controller()
class RsvpController {
  @Get('rsvp')
  @UseRequestToken({ scope: 'rsvp' })
  rsvp() {
    return 'Welcome';
  }
}

const CONCURRENT = 64;
const ROUNDS = 100;

describe.each(ADAPTERS_AND_KINDS)(
  `%s: ${CONCURRENT} requests at once with one %s token`,
  (adapter, _, defaults) => {
    let app: TestApp;
    const agent = new Agent({ keepAlive: true });
    beforeAll(async () => {
      app = await TestApp.start({
        adapter,
        controllers: [RsvpController],
        token: { defaults },
        dataSource: { poolSize: 32 },
      });
    });
    afterAll(async () => {
      agent.destroy();
      await app.close();
    });

    const status = (path: string) =>
      new Promise<number>((resolve, reject) => {
        httpGet({ agent, host: '127.0.0.1', port: app.port, path }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode ?? 0));
        }).once('error', reject);
      });

    const race = async (maxUses: number) => {
      const { url, token } = await app.tokens.issue({ scope: 'rsvp', target: '/rsvp', maxUses });
      const statuses = await Promise.all(Array.from({ length: CONCURRENT }, () => status(pathOf(url))));
      const accepted = statuses.filter((code) => code === 200).length;
      const refused = statuses.filter((code) => code === 403).length;
      return { token, accepted, refused };
    };

    it(`accept exactly one when it has one use, ${ROUNDS} times over`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { accepted, refused } = await race(1);
        expect({ round, accepted, refused }).toEqual({ round, accepted: 1, refused: CONCURRENT - 1 });
      }
    }, 120_000);

    it('accept exactly as many as it has uses, and log every one of them', async () => {
      const { token, accepted } = await race(5);
      expect(accepted).toBe(5);
      const logs = await app.settledLogs(token.id, CONCURRENT);
      const attempts = (which: string) => attemptsIn(logs.filter(({ outcome }) => outcome === which));
      expect(attempts('used')).toBe(5);
      expect(attempts('token_exhausted')).toBe(CONCURRENT - 5);
      expect((await app.row(token.id)).useCount).toBe(5);
    });
  },
);
