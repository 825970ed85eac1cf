import { finished } from 'node:stream/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  ServiceUnavailableException,
} from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Response } from 'express';
import type { Repository } from 'typeorm';
import { Mailer, type OutgoingMail } from '../sending/mailer.js';
import type { SendOutcome } from '../sending/send-outcome.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { FreshLink } from './fresh-link.entity.js';

/** Most that wait at once: nobody has to wait for the database in order to ask. */
const MAX_WAITING = 200;

/** A mail with a link, for somebody who asked for it, or whom somebody else asked it for. */
export interface RequestedMail {
  userId: string | number;
  /** Mails of different scopes do not wait for each other. */
  scope: string;
  /** How long they get no second one of the scope. */
  pauseMinutes: number;
  /** Whether those who have unsubscribed get it, too. */
  toUnsubscribed?: boolean;
  /** Issues the token, so it is called only if the mail is going to be sent. */
  compose: (subscriber: Subscriber) => Promise<OutgoingMail>;
}

interface Claim extends RequestedMail {
  subscriber: Subscriber;
  /** As text, because a Date would lose the microseconds. */
  sentAt: string;
}

/** Sends mails that strangers can ask for: after the answer, and to nobody too often. */
@Injectable()
export class RequestedMails implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Requested mails');
  private readonly sendings = new Set<Promise<unknown>>();
  private stopping = false;

  constructor(
    private readonly mailer: Mailer,
    @InjectRepository(FreshLink) private readonly freshLinks: Repository<FreshLink>,
    @InjectRepository(Subscriber) private readonly subscribers: Repository<Subscriber>,
  ) {}

  /**
   * Looks for what to send, and sends it, once the answer has gone out. So whoever asked does not learn whether there
   * was anything to send, not even from how long the answer takes.
   *
   * @throws ServiceUnavailableException if the app is shutting down, or too many wait
   */
  requestBehind(answer: Response, find: () => Promise<RequestedMail | undefined>): void {
    if (this.stopping) throw new ServiceUnavailableException('The app is shutting down.');
    if (this.sendings.size >= MAX_WAITING) throw new ServiceUnavailableException('Please try again later.');
    // From its first moment on, so that the end of the app cannot come between asking and sending.
    const sending = finished(answer)
      // Whoever leaves before the answer has asked all the same.
      .catch(() => undefined)
      .then(find)
      .then((mail) => mail && this.claim(mail))
      .then((claimed) => claimed && this.send(claimed))
      .catch((error: unknown) => this.logger.error(error))
      .finally(() => this.sendings.delete(sending));
    this.sendings.add(sending);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.sendings);
  }

  /** Undefined if they are gone or have just been mailed. */
  private async claim(mail: RequestedMail): Promise<Claim | undefined> {
    const { userId, scope, pauseMinutes, toUnsubscribed = false } = mail;
    // One statement, so that of many requests at once, to any number of processes, only one goes on.
    const [claimed] = await this.freshLinks.query<{ id: number; sentAt: string }[]>(
      `INSERT INTO fresh_link (subscriber_id, scope, sent_at)
       SELECT id, $2, now() FROM subscriber WHERE id = $1 AND (unsubscribed_at IS NULL OR $3::boolean)
       ON CONFLICT (subscriber_id, scope) DO UPDATE SET sent_at = excluded.sent_at
         WHERE fresh_link.sent_at <= excluded.sent_at - make_interval(mins => $4)
       RETURNING subscriber_id AS id, sent_at::text AS "sentAt"`,
      [userId, scope, toUnsubscribed, pauseMinutes],
    );
    const subscriber = claimed && (await this.subscribers.findOneBy({ id: claimed.id }));
    return subscriber ? { ...mail, subscriber, sentAt: claimed.sentAt } : undefined;
  }

  private async send(claim: Claim): Promise<void> {
    const { subscriber, scope, sentAt } = claim;
    let outcome: SendOutcome | undefined;
    try {
      outcome = await this.mail(claim);
    } finally {
      // Somebody may have claimed it since, if trying to send took longer than the pause.
      if (!outcome || outcome.status === 'failed') {
        await this.freshLinks.query(
          `DELETE FROM fresh_link WHERE subscriber_id = $1 AND scope = $2 AND sent_at = $3::timestamptz`,
          [subscriber.id, scope, sentAt],
        );
      }
    }
    if (outcome.status !== 'sent') {
      this.logger.error(`A link (${scope}) is not known to have been sent: ${outcome.reason}`);
    }
  }

  private async mail({ subscriber, compose }: Claim): Promise<SendOutcome> {
    const mail = await compose(subscriber);
    const connection = this.mailer.open();
    try {
      return await connection.send(subscriber, mail);
    } finally {
      connection.close();
    }
  }
}
