import type { EventEmitter } from 'node:events';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';

/** Of TypeORM's PostgreSQL driver; there are none before a DataSource is initialized. */
interface Pools {
  master?: EventEmitter;
  /** One for each replica. */
  slaves?: EventEmitter[];
}

/**
 * Keeps the app alive when a connection, also one to a replica, is lost at the moment when it is lent. Between
 * pg-pool's listener for errors, which is taken off then, and TypeORM's, which comes a turn later, there is none;
 * and Node.js ends a process over an error that nobody listens to. Whoever uses the connection still learns of it.
 */
@Injectable()
export class ConnectionErrors implements OnModuleInit {
  private readonly listenedTo = new WeakSet<EventEmitter>();
  private readonly openedAt = new WeakMap<object, number>();
  private master?: EventEmitter;

  constructor(@Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.listen();
  }

  /** Again and again, because a DataSource may be initialized by hand, and anew. */
  listen(): void {
    const { master, slaves = [] } = this.dataSource.driver as Pools;
    if (!master || master === this.master) return;
    this.master = master;
    // Not only of new connections: the first ones are opened before anybody can listen to the pool.
    for (const pool of [master, ...slaves]) pool.on('acquire', this.listenTo);
    master.on('connect', this.noteOpening);
  }

  /** Whether a connection to the primary was opened since, by `performance.now()`; those of before {@link listen} were not. */
  isOpenedSince(client: object, moment: number): boolean {
    return (this.openedAt.get(client) ?? -Infinity) >= moment;
  }

  private readonly noteOpening = (client: object): void => {
    this.openedAt.set(client, performance.now());
  };

  private readonly listenTo = (client: EventEmitter): void => {
    if (this.listenedTo.has(client)) return;
    this.listenedTo.add(client);
    client.on('error', () => undefined);
  };
}
