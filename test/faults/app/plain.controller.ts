import { Controller, Get } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Bell } from './bell.js';

/** Of the app itself: no tokens. */
@Controller()
export class PlainController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bell: Bell,
  ) {}

  @Get('tell')
  tell() {
    this.bell.emit('ring');
  }

  /** As TypeORM reads by itself, if it has replicas. */
  @Get('reading')
  async reading(): Promise<void> {
    const runner = this.dataSource.createQueryRunner('slave');
    try {
      await runner.query('SELECT 1');
    } finally {
      await runner.release();
    }
  }

  /** Keeps a connection of the pool for as long as somebody else has the advisory lock. */
  @Get('transaction')
  async transaction() {
    await this.dataSource.transaction((manager) => manager.query('SELECT pg_advisory_xact_lock_shared(1)'));
  }
}
