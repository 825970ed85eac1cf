import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RequestToken, RequestTokenLog, requestTokenMigrations } from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { monotonicMs } from '../../support/monotonic.js';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.js';
import type { History, LogRow } from '../model/history.js';
import { Caller } from './caller.js';
import { Client } from './client.js';
import { Dice } from './dice.js';
import { Evidence } from './evidence.js';
import { Fleet } from './fleet.js';
import { Stock } from './stock.js';
import { type Trouble, Troubles } from './troubles.js';

const CLIENTS = 10;

/** The number of the process that looks back. */
const LAST_PROCESS = 1_000_000;

export interface HistoryOptions {
  seconds: number;
  seed: number;
  processes: number;
  /** How many are used at a time. */
  tokens: number;
  /** A fault to be planted into the app. Default: none. */
  plant?: string;
  /** Whether processes are killed, and connections cut. Default: true. */
  hasTroubles?: boolean;
}

export interface Figures {
  tokens: number;
  calls: number;
  answered: number;
  uses: number;
  troubles: Record<Trouble, number>;
}

/** Lets processes of the app, and a PostgreSQL of their own, live through some time. All is gone afterwards. */
export async function makeHistory(options: HistoryOptions): Promise<{ history: History; figures: Figures }> {
  const server = await startPostgres();
  try {
    return await new Maker(server, options).make();
  } finally {
    await server.destroy();
  }
}

class Maker {
  private readonly dice: Dice;
  private readonly stock: Stock;
  private readonly evidence: Evidence;
  /** In the folder of the server, which goes with it, whatever happens to this process. */
  private readonly record: string;
  private readonly rests: number[] = [];

  constructor(
    private readonly server: PostgresServer,
    private readonly options: HistoryOptions,
  ) {
    this.dice = new Dice(options.seed);
    this.stock = new Stock(options.tokens, this.dice.fork(0));
    this.record = join(server.folder, 'runs.jsonl');
    this.evidence = new Evidence(server.url, this.record);
  }

  async make(): Promise<{ history: History; figures: Figures }> {
    await writeFile(this.record, '');
    await createTables(this.server.url);
    const fleet = await this.startFleet(this.options.processes);
    const caller = new Caller(fleet);
    const troubles = new Troubles(fleet, this.server, this.dice.fork(1));
    try {
      await this.live(caller, fleet, troubles);
      await this.comeToRest(fleet, caller);
      const leftPending = await this.lookBack(caller);
      const { releases } = caller;
      const history = await this.write({ releases, killed: fleet.killed, leftPending, rests: this.rests });
      return { history, figures: figuresOf(history, caller, troubles) };
    } finally {
      await fleet.close();
      await caller.hangUp();
    }
  }

  private startFleet(processes: number, firstNumber = 1): Promise<Fleet> {
    const { plant } = this.options;
    const databaseUrl = this.server.url;
    return Fleet.start({ databaseUrl, processes, record: this.record, plant, firstNumber });
  }

  private async live(caller: Caller, fleet: Fleet, troubles: Troubles): Promise<void> {
    const { seconds, hasTroubles = true } = this.options;
    const endAt = monotonicMs() + seconds * 1_000;
    let hasFailed = false;
    const isOver = () => hasFailed || monotonicMs() >= endAt;
    const clients = Array.from({ length: CLIENTS }, (_, index) =>
      new Client(caller, this.stock, this.dice.fork(index + 2), fleet.places).goOn(isOver),
    );
    const all = [...clients, ...(hasTroubles ? [troubles.goOn(isOver)] : [])];
    for (const one of all) one.catch(() => (hasFailed = true));
    const failed = (await Promise.allSettled(all)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }

  private async comeToRest(fleet: Fleet, caller: Caller): Promise<void> {
    const processOf = new Map(
      this.stock.tokens.flatMap(({ calls }) => calls.map(({ id, process }) => [id, process])),
    );
    await this.evidence.settled((id) => !fleet.killed.has(processOf.get(id) ?? 0));
    await this.stop(fleet, caller);
  }

  /** All that it had begun is done afterwards. */
  private async stop(fleet: Fleet, caller: Caller): Promise<void> {
    await caller.hangUp();
    await fleet.stop();
    await this.evidence.alone();
    this.rests.push(monotonicMs());
  }

  /** Gives back what was pending, by a process that no trouble befalls, and tries each token once more. */
  private async lookBack(caller: Caller): Promise<History['leftPending']> {
    const ids = new Set((await this.evidence.pending()).map(({ id }) => id));
    const fleet = await this.startFleet(1, LAST_PROCESS);
    caller.moveTo(fleet);
    try {
      const givenBackAt = monotonicMs();
      const givenBack = await caller.releasePending(0, 0);
      // It is in `leftPending` what this one may have given back.
      caller.releases.pop();
      if (givenBack !== ids.size)
        throw new Error(`${ids.size} uses were pending, and ${givenBack} given back`);
      this.rests.push(monotonicMs());
      const rest = [...this.stock.tokens];
      const tryRest = async () => {
        for (let token = rest.pop(); token; token = rest.pop()) {
          await caller.visit(0, token, { route: 'direct', told: 'succeed', takeMs: 0 });
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, tryRest));
      await this.stop(fleet, caller);
      return { ids, givenBackAt };
    } finally {
      await fleet.close();
    }
  }

  private async write(about: Omit<History, 'tokens'>): Promise<History> {
    const runs = await this.evidence.runs();
    const rows = new Map((await this.evidence.rows()).map(({ id, ...facts }) => [id, facts]));
    const logs = new Map<string, LogRow[]>();
    for (const { tokenId, ...log } of await this.evidence.logs()) {
      const others = logs.get(tokenId);
      if (others) others.push(log);
      else logs.set(tokenId, [log]);
    }
    const tokens = this.stock.tokens.map(({ id, kind, issued, calls }) => ({
      id,
      kind,
      issued,
      calls,
      runs: new Map(calls.flatMap((call) => (runs.has(call.id) ? [[call.id, runs.get(call.id)!]] : []))),
      row: rows.get(id),
      logs: logs.get(id) ?? [],
    }));
    return { ...about, tokens };
  }
}

async function createTables(url: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [RequestToken, RequestTokenLog],
    migrations: requestTokenMigrations,
  });
  await dataSource.initialize();
  try {
    await dataSource.runMigrations();
  } finally {
    await dataSource.destroy();
  }
}

function figuresOf({ tokens }: History, { calls }: Caller, { counts }: Troubles): Figures {
  const all = tokens.flatMap((token) => token.calls);
  return {
    tokens: tokens.length,
    calls,
    answered: all.filter(({ answer }) => answer !== undefined).length,
    uses: tokens.reduce((sum, { runs }) => sum + runs.size, 0),
    troubles: counts,
  };
}
