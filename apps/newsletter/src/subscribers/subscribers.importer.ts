import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { StartupError } from '../config/startup-error.js';
import { AppDatabase } from '../database/app-database.js';
import { appRoot } from '../paths.js';
import { CsvHeaderError, parseSubscribers } from './subscriber-csv.js';
import type { SubscriberRow } from './subscriber-row.js';
import { SubscribersService } from './subscribers.service.js';

const ROWS_AT_ONCE = 500;

/** Brings the subscribers of a CSV file into the database whenever the app starts. */
@Injectable()
export class SubscribersImporter implements OnApplicationBootstrap {
  private readonly logger = new Logger('Subscribers');
  private readonly file: string;

  constructor(
    config: AppConfig,
    private readonly database: AppDatabase,
    private readonly subscribers: SubscribersService,
  ) {
    this.file = config.SUBSCRIBERS ?? join(appRoot, 'data', 'subscribers.csv');
  }

  async onApplicationBootstrap(): Promise<void> {
    const text = await this.read();
    try {
      await this.database.exclusively('import', () => this.import(text));
    } catch (error) {
      if (error instanceof CsvHeaderError) throw new StartupError(`${this.file}: ${error.message}.`);
      throw error;
    }
  }

  private async import(text: string): Promise<void> {
    const counts = { added: 0, known: 0, skipped: 0 };
    let rows: SubscriberRow[] = [];
    const addRows = async () => {
      if (rows.length === 0) return;
      const added = await this.subscribers.add(rows);
      counts.added += added;
      counts.known += rows.length - added;
      rows = [];
      // The lock of the database folder is kept by a timer, which a long file must not hold up.
      await setImmediate();
    };
    for (const parsed of parseSubscribers(text)) {
      if ('reason' in parsed) {
        counts.skipped += 1;
        this.logger.warn(`${this.file}, line ${parsed.line} is skipped: ${parsed.reason}`);
      } else if (rows.push(parsed.row) === ROWS_AT_ONCE) {
        await addRows();
      }
    }
    await addRows();
    this.logger.log(
      `${this.file}: ${counts.added} new, ${counts.known} already known, ${counts.skipped} skipped`,
    );
  }

  private async read(): Promise<string> {
    try {
      return await readFile(this.file, 'utf8');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new StartupError(
        code === 'ENOENT'
          ? `The file of subscribers ${this.file} does not exist.`
          : `The file of subscribers ${this.file} cannot be read: ${message}.`,
      );
    }
  }
}
