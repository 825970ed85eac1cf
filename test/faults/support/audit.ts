import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { RunEventName } from '../app/run-record.js';

/** A line of the app's RunRecorder. */
interface RunEvent {
  tokenId: string;
  visitId: string;
  event: RunEventName;
}

interface LoggedUse {
  tokenId: string;
  visitId: string;
  outcome: 'used' | 'pending' | 'released';
}

const keyOf = ({ tokenId, visitId }: Omit<RunEvent, 'event'>) => `${tokenId} ${visitId}`;

/** More would not tell more. */
const SHOWN_VIOLATIONS = 10;

/** A token whose count and log differ, or that was used too often. */
const MISCOUNTED = `
  SELECT token.id, max_uses, use_count, count(log.id)::int AS logged
  FROM request_token token
    LEFT JOIN request_token_log log ON log.token_id = token.id AND outcome IN ('used', 'pending')
  GROUP BY token.id
  HAVING use_count <> count(log.id) OR use_count > max_uses`;

const LOGGED_USES = `
  SELECT token_id AS "tokenId", user_agent AS "visitId", outcome
  FROM request_token_log
  WHERE outcome IN ('used', 'pending', 'released')`;

/**
 * Compares the database with the record of what handlers did. What it finds missing is, at any moment, under
 * any load: log row and count are written in one transaction, and before the handler runs.
 */
export class Audit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly record: string,
  ) {}

  /** Empty, unless a use was lost, forgotten, given out too often, or kept for nothing. */
  async violations(): Promise<string[]> {
    // What has ended by now has begun in what is recorded, and that is logged in what is read after it.
    const used = await this.uses().then((uses) => uses.filter(({ outcome }) => outcome === 'used'));
    const runs = await this.runs();
    const begun = runs.filter(({ event }) => event === 'began');
    const found = [
      ...(await this.miscounted()),
      ...this.groundless(used, begun),
      ...this.unlogged(begun, await this.uses()),
      ...(await this.overused(runs.filter(({ event }) => event === 'succeeded'))),
    ];
    const shown = found.slice(0, SHOWN_VIOLATIONS);
    return found.length > shown.length ? [...shown, `and ${found.length - shown.length} more`] : shown;
  }

  async runs(): Promise<RunEvent[]> {
    const lines = (await readFile(this.record, 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as RunEvent);
  }

  private async miscounted(): Promise<string[]> {
    const rows = await this.dataSource.query<object[]>(MISCOUNTED);
    return rows.map((row) => `counted wrongly: ${JSON.stringify(row)}`);
  }

  private uses(): Promise<LoggedUse[]> {
    return this.dataSource.query<LoggedUse[]>(LOGGED_USES);
  }

  private groundless(used: LoggedUse[], begun: RunEvent[]): string[] {
    const runs = new Set(begun.map(keyOf));
    return used
      .filter((use) => !runs.has(keyOf(use)))
      .map((use) => `used without a run: ${JSON.stringify(use)}`);
  }

  private unlogged(begun: RunEvent[], uses: LoggedUse[]): string[] {
    const logged = new Map<string, number>();
    for (const use of uses) logged.set(keyOf(use), (logged.get(keyOf(use)) ?? 0) + 1);
    return begun
      .filter((run) => logged.get(keyOf(run)) !== 1)
      .map((run) => `a run has ${logged.get(keyOf(run)) ?? 0} log rows: ${JSON.stringify(run)}`);
  }

  private async overused(succeeded: RunEvent[]): Promise<string[]> {
    const counts = new Map<string, number>();
    for (const { tokenId } of succeeded) counts.set(tokenId, (counts.get(tokenId) ?? 0) + 1);
    const tokens = await this.dataSource.query<{ id: string; max_uses: number | null }[]>(
      'SELECT id, max_uses FROM request_token',
    );
    return tokens
      .filter(({ id, max_uses }) => max_uses !== null && (counts.get(id) ?? 0) > max_uses)
      .map(({ id, max_uses }) => `${counts.get(id)} runs, ${max_uses} allowed: ${id}`);
  }
}
