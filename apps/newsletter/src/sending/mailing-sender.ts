import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  ServiceUnavailableException,
} from '@nestjs/common';
import { AppDatabase } from '../database/app-database.js';
import type { Mailing } from '../mailings/mailings.service.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { DeliveriesService } from './deliveries.service.js';
import { type MailConnection, Mailer } from './mailer.js';
import { MailingLinksService } from './mailing-links.service.js';
import type { SendOutcome } from './send-outcome.js';

/** Sends mailings in the background, each by one process at a time. */
@Injectable()
export class MailingSender implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Mailings');
  private readonly runs = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    private readonly database: AppDatabase,
    private readonly deliveries: DeliveriesService,
    private readonly links: MailingLinksService,
    private readonly mailer: Mailer,
  ) {}

  /** Begins to send, or goes on where it stopped; does nothing if the mailing is being sent already. */
  async start(mailing: Mailing): Promise<void> {
    const unlock = await this.database.tryLock(lockOf(mailing));
    if (!unlock) return;
    if (this.stopping) {
      await unlock();
      throw new ServiceUnavailableException('The app is shutting down.');
    }
    const run = this.send(mailing)
      .catch((error: unknown) => this.logger.error(`${mailing.slug} is broken off`, error))
      .finally(unlock)
      .finally(() => this.runs.delete(run));
    this.runs.add(run);
  }

  isSending(mailing: Mailing): Promise<boolean> {
    return this.database.isLocked(lockOf(mailing));
  }

  /** The current mail is finished; the rest is left for the next time. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.runs);
  }

  private async send(mailing: Mailing): Promise<void> {
    await this.deliveries.markInterrupted(mailing.slug);
    const connection = this.mailer.open();
    let sent = 0;
    try {
      for await (const subscriber of this.deliveries.recipients(mailing.slug)) {
        if (this.stopping) break;
        const outcome = await this.deliver(mailing, subscriber, connection);
        if (outcome?.status === 'sent') sent += 1;
        if (outcome?.serverUnusable) {
          this.logger.error(`${mailing.slug} is broken off: ${outcome.reason}`);
          break;
        }
      }
    } finally {
      connection.close();
      this.logger.log(`${mailing.slug}: ${sent} sent`);
    }
  }

  private async deliver(
    mailing: Mailing,
    subscriber: Subscriber,
    connection: MailConnection,
  ): Promise<SendOutcome | undefined> {
    const { links, headers } = await this.links.issue(subscriber, mailing.slug);
    const mail = mailing.template.render({ name: subscriber.name, links });
    // As late as can be: from here on, nobody can tell whether a mail that was cut short has arrived.
    const delivery = await this.deliveries.claim(mailing.slug, subscriber);
    if (!delivery) return undefined;
    const outcome = await connection.send(subscriber, { ...mail, headers });
    await this.deliveries.finish(delivery, outcome.status, outcome.reason);
    return outcome;
  }
}

function lockOf({ slug }: Mailing): string {
  return `mailing ${slug}`;
}
