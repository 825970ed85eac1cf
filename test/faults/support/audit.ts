import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';

/** A line of the app's RunRecorder. */
interface RunEvent {
  tokenId: string;
  visitId: string;
  event: 'began' | 'succeeded';
}

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
  SELECT token_id AS "tokenId", user_agent AS "visitId"
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

  /** Empty, unless a use was lost, forgotten, or given out too often. */
  async violations(): Promise<string[]> {
    // Before the log is read, which then must know of all these runs.
    const runs = await this.runs();
    const found = [
      ...(await this.miscounted()),
      ...(await this.unlogged(runs.filter(({ event }) => event === 'began'))),
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

  private async unlogged(begun: RunEvent[]): Promise<string[]> {
    const logged = new Map<string, number>();
    const key = ({ tokenId, visitId }: Omit<RunEvent, 'event'>) => `${tokenId} ${visitId}`;
    for (const use of await this.dataSource.query<Omit<RunEvent, 'event'>[]>(LOGGED_USES)) {
      logged.set(key(use), (logged.get(key(use)) ?? 0) + 1);
    }
    return begun
      .filter((run) => logged.get(key(run)) !== 1)
      .map((run) => `a run has ${logged.get(key(run)) ?? 0} log rows: ${JSON.stringify(run)}`);
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
