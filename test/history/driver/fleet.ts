import { setTimeout } from 'node:timers/promises';
import { AppProcess } from '../../faults/support/app-process.js';
import { DatabaseProxy, type Way } from '../../faults/support/database-proxy.js';
import { SECRET } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

const APP = 'history/app';

/** A statement that takes longer has failed, for the app at least. */
const STATEMENT_TIMEOUT_MS = 1_000;

const PLATFORMS = ['express', 'fastify'];

export interface FleetOptions {
  databaseUrl: string;
  processes: number;
  /** Where handlers write down that they ran. */
  record: string;
  plant?: string;
  /** Of the first process. Default: 1. */
  firstNumber?: number;
}

/** A process of the app. Each has a number of its own, and is never started again. */
export interface Member {
  number: number;
  app: AppProcess;
}

/** Processes of the app, each behind a proxy to the database; one that is killed is replaced. */
export class Fleet {
  readonly killed = new Set<number>();
  /** By their places. */
  private readonly members = new Map<number, Member>();
  private readonly proxies: DatabaseProxy[] = [];
  private readonly spawned: Member[] = [];

  private constructor(private readonly options: FleetOptions) {}

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    try {
      for (let place = 0; place < options.processes; place++) {
        fleet.proxies.push(await DatabaseProxy.start(options.databaseUrl));
      }
      await Promise.all(fleet.proxies.map((_, place) => fleet.startAt(place)));
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  get places(): number {
    return this.proxies.length;
  }

  /** Whether there is one at a place, and another to go on meanwhile. */
  canKill(place: number): boolean {
    return this.members.has(place) && this.members.size > 1;
  }

  /** The process at a place, or else at the next that has one. */
  at(place: number): Promise<Member> {
    const places = Array.from({ length: this.places }, (_, step) => (place + step) % this.places);
    return waitFor(
      () => places.map((one) => this.members.get(one)).find((member) => member !== undefined),
      () => 'a process of the app',
    );
  }

  /** Resolves when another is there. */
  async kill(place: number): Promise<void> {
    const member = this.members.get(place)!;
    this.members.delete(place);
    this.killed.add(member.number);
    await member.app.kill();
    await this.startAt(place);
  }

  /** Cuts all connections that a process has to the database. */
  cut(place: number): void {
    for (const connection of this.proxies[place].connections) connection.cut();
  }

  /** Cuts the connection by which the next answer comes, before it arrives. */
  loseAnswer(place: number): void {
    void this.proxies[place].once('answers', '', (connection) => connection.cut());
  }

  /** What goes this way on any connection arrives late. */
  async stall(place: number, way: Way, milliseconds: number): Promise<void> {
    const connections = [...this.proxies[place].connections];
    for (const connection of connections) connection.hold(way);
    await setTimeout(milliseconds);
    for (const connection of connections) connection.release(way);
  }

  /** Lets all processes come to their end. What they had begun, they end. */
  async stop(): Promise<void> {
    const stopped = this.spawned.filter(({ number }) => !this.killed.has(number));
    await Promise.all(
      stopped.map(async ({ number, app }) => {
        if (app.hasEnded) throw new Error(`Process ${number} has ended by itself: ${app.output}`);
        const { code, signal } = await app.stop();
        if (code !== 0) throw new Error(`Process ${number} ended with ${signal ?? code}: ${app.output}`);
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.spawned.map(({ app }) => app.kill()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }

  private async startAt(place: number): Promise<void> {
    const { record, plant = '', firstNumber = 1 } = this.options;
    const number = firstNumber + this.spawned.length;
    const app = AppProcess.spawn(
      {
        DATABASE_URL: this.proxies[place].url,
        PLATFORM: PLATFORMS[place % PLATFORMS.length],
        REQUEST_TOKEN_SECRET: SECRET,
        RUN_RECORD: record,
        STATEMENT_TIMEOUT: `${STATEMENT_TIMEOUT_MS}ms`,
        PLANT: plant,
      },
      APP,
    );
    const member = { number, app };
    this.spawned.push(member);
    await app.ready();
    this.members.set(place, member);
  }
}
