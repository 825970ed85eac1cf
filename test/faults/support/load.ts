import { Agent } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.js';
import type { AppProcess } from './app-process.js';
import type { LinkPool } from './links.js';
import { Visit } from './visit.js';

const CLIENTS = 12;
/** One failure in four: it gives back what others then take again. */
const PATHS = ['quick', 'quick', 'slow', 'failing'];
/** Before a client tries again whose connection was refused. */
const RETRY_MS = 5;

const anyOf = <T>(choices: readonly T[]): T => choices[Math.floor(Math.random() * choices.length)];

/** Clients that visit links of the apps, one after the other, until told to stop. */
export class Load {
  /** In the order in which they began. */
  readonly visits: Visit[] = [];
  /** None of its connections is idle for so long that the app closes it when it is used again. */
  private readonly agent = new Agent({ keepAlive: true, scheduling: 'fifo' });
  private readonly clients: Promise<void>[];
  private stopped = false;

  constructor(
    private readonly apps: readonly AppProcess[],
    private readonly links: LinkPool,
  ) {
    this.clients = Array.from({ length: CLIENTS }, () => this.visitOnAndOn());
  }

  /** Waits until that many visits have come to their end. */
  async ended(count: number): Promise<void> {
    const ended = () => this.visits.filter(({ over }) => over).length;
    await waitFor(
      () => ended() >= count || undefined,
      () => `${count} visits to end; ${ended()} did`,
    );
  }

  /** Waits until that many visits, from the given one on, were answered with the status. */
  async answered(status: number, count: number, from = 0): Promise<void> {
    await waitFor(
      () => this.visits.slice(from).filter((visit) => visit.status === status).length >= count || undefined,
      () => `${count} answers with ${status}; there were ${[...this.statuses(from)].join(', ')}`,
    );
  }

  /** What the answers were, beginning with the given visit. */
  statuses(from = 0): Set<number | 'none'> {
    const ended = this.visits.slice(from).filter(({ over }) => over);
    return new Set(ended.map(({ status }) => status ?? 'none'));
  }

  /** Lets every visit come to its end. */
  async stop(): Promise<void> {
    this.stopped = true;
    let active = this.clients.length;
    for (const client of this.clients) void client.then(() => active--);
    await waitFor(
      () => active === 0 || undefined,
      () => `answers to ${active} visits`,
    );
    this.agent.destroy();
  }

  private async visitOnAndOn(): Promise<void> {
    while (!this.stopped) {
      const visit = new Visit(anyOf(this.apps), this.links.draw(), anyOf(PATHS), { agent: this.agent });
      this.visits.push(visit);
      await visit.ended;
      if (visit.status === undefined) await setTimeout(RETRY_MS);
    }
  }
}
