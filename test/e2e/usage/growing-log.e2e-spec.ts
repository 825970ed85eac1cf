import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../../support/test-app.js';

@Controller()
@UseRequestToken({ scope: 'rsvp' })
class RsvpController {
  @Get('rsvp')
  rsvp() {}

  @Get('broken')
  broken() {
    throw new InternalServerErrorException();
  }
}

describe('A log that was small when the app started', () => {
  let app: TestApp;
  beforeAll(async () => {
    // One connection, which keeps whatever plans there are.
    app = await TestApp.start({ controllers: [RsvpController], dataSource: { poolSize: 1 } });
  });
  afterAll(() => app.close());

  async function visit(path: string): Promise<void> {
    const { jwt } = await app.tokens.issue({ scope: 'rsvp' });
    await app.http.get(path).query({ rt: jwt });
    await app.kit.settled();
  }

  /** How many rows of the log were read without an index so far. */
  async function rowsReadInSequence(): Promise<number> {
    await app.dataSource.query('SELECT pg_stat_force_next_flush()');
    const [{ count }] = await app.dataSource.query<{ count: number }[]>(
      `SELECT seq_tup_read::int AS count FROM pg_stat_user_tables WHERE relname = 'request_token_log'`,
    );
    return count;
  }

  it.each(['/rsvp', '/broken'])(
    'is not read from end to end to settle a use once it has grown (%s)',
    async (path) => {
      await app.dataSource.query('TRUNCATE request_token_log');
      await app.dataSource.query('ANALYZE request_token_log');
      // After five times PostgreSQL may keep a plan.
      for (let n = 0; n < 10; n++) await visit(path);
      const { token } = await app.tokens.issue({ scope: 'rsvp' });
      await app.dataSource.query(
        `INSERT INTO request_token_log (id, token_id, outcome, started_at)
        SELECT gen_random_uuid(), $1, 'used', now() FROM generate_series(1, 20000)`,
        [token.id],
      );
      const readBefore = await rowsReadInSequence();
      await visit(path);
      expect((await rowsReadInSequence()) - readBefore).toBe(0);
    },
  );
});
