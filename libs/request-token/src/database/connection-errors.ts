import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';

/**
 * Keeps the app alive when a connection is lost at the moment it was made. Between pg-pool's listener for
 * errors, which is taken off then, and TypeORM's, which comes a turn later, there is none; and Node.js ends
 * a process over an error that nobody listens to. Whoever uses the connection still learns of it.
 */
@Injectable()
export class ConnectionErrors implements OnModuleInit {
  constructor(@Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    // Of the PostgreSQL driver; there is none before a DataSource is initialized by hand.
    const { master: pool } = this.dataSource.driver as { master?: EventEmitter };
    pool?.on('connect', (client: EventEmitter) => client.on('error', () => undefined));
  }
}
