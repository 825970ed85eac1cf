import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import type { RunEventName, RunFacts } from '../../faults/app/run-record.js';
import { monotonicMs } from '../../support/monotonic.js';
import { waitFor } from '../../support/wait-for.js';
import type { LogRow, RowFacts, Run } from '../model/history.js';

/** Longer than what failed waits before it is tried again. */
const SETTLING_MS = 8_000;

const ROWS = `
  SELECT id, use_count AS "useCount", max_uses AS "maxUses", revoked_at IS NOT NULL AS "isRevoked",
    expires_at IS NOT NULL AND expires_at <= now() AS "isExpired"
  FROM request_token`;
const LOGS = `
  SELECT id, token_id AS "tokenId", user_agent AS "userAgent", outcome, status_code AS "statusCode", repeats
  FROM request_token_log`;

/** What the database says, and what the handlers have written down. */
export class Evidence {
  constructor(
    private readonly databaseUrl: string,
    private readonly record: string,
  ) {}

  rows(): Promise<({ id: string } & RowFacts)[]> {
    return this.query(ROWS);
  }

  logs(): Promise<({ tokenId: string } & LogRow)[]> {
    return this.query(LOGS);
  }

  async pending(): Promise<{ id: string; userAgent: string }[]> {
    return this.query(
      `SELECT id, user_agent AS "userAgent" FROM request_token_log WHERE outcome = 'pending'`,
    );
  }

  /** Waits until no use is pending of these calls, but not for ever. */
  async settled(isOf: (callId: string) => boolean): Promise<void> {
    const deadline = monotonicMs() + SETTLING_MS;
    while ((await this.pending()).some(({ userAgent }) => isOf(userAgent)) && monotonicMs() < deadline) {
      await setTimeout(100);
    }
  }

  /** Waits until nobody else is connected: what was sent is executed by then. */
  async alone(): Promise<void> {
    const others = `
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;
    await waitFor(
      async () => (await this.query(others)).length === 0 || undefined,
      () => 'the end of all connections',
    );
  }

  /** By the calls that they are of. */
  async runs(): Promise<Map<string, Run>> {
    const runs = new Map<string, Run>();
    for (const line of (await readFile(this.record, 'utf8')).split('\n')) {
      if (line === '') continue;
      const {
        visitId = '',
        logId,
        event,
        at,
      } = JSON.parse(line) as RunFacts & { event: RunEventName; at: number };
      const run = runs.get(visitId);
      if (event === 'began') runs.set(visitId, { beganAt: at, logId });
      else if (run) run.ended = { at, isSuccess: event === 'succeeded' };
    }
    return runs;
  }

  private async query<Row>(sql: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  }
}
