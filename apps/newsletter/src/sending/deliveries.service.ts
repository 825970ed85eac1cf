import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, MoreThan, type Repository } from 'typeorm';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { Delivery, type DeliveryStatus } from './delivery.entity.js';

const SUBSCRIBERS_AT_ONCE = 100;
const PROBLEMS_SHOWN = 50;

/** How far a mailing is. Everybody is counted once. */
export interface MailingProgress {
  sent: number;
  failed: number;
  interrupted: number;
  sending: number;
  /** Subscribed, and not tried yet. */
  waiting: number;
}

@Injectable()
export class DeliveriesService {
  constructor(
    @InjectRepository(Delivery) private readonly deliveries: Repository<Delivery>,
    @InjectRepository(Subscriber) private readonly subscribers: Repository<Subscriber>,
  ) {}

  /** Everybody who still has to get the mailing, each of them once, read little by little. */
  async *recipients(mailing: string): AsyncGenerator<Subscriber> {
    for (let lastId = 0; ;) {
      const batch = await this.subscribers
        .createQueryBuilder('subscriber')
        .leftJoin(
          Delivery,
          'delivery',
          'delivery.subscriberId = subscriber.id AND delivery.mailing = :mailing',
        )
        .where({ id: MoreThan(lastId) })
        .andWhere('subscriber.unsubscribedAt IS NULL')
        .andWhere(`(delivery.id IS NULL OR delivery.status = 'failed')`)
        .setParameters({ mailing })
        .orderBy('subscriber.id')
        .limit(SUBSCRIBERS_AT_ONCE)
        .getMany();
      yield* batch;
      const last = batch.at(-1);
      if (!last) return;
      lastId = last.id;
    }
  }

  /**
   * Marks the mail to somebody as `sending`, and returns the delivery's id; undefined if there is nothing to
   * send any more. It is one statement, so that of two processes only one can go on, and somebody who has
   * unsubscribed a moment ago is left in peace.
   */
  async claim(mailing: string, { id }: Subscriber): Promise<number | undefined> {
    const [claimed] = await this.deliveries.query<{ id: number }[]>(
      `INSERT INTO delivery (mailing, subscriber_id, status, started_at)
       SELECT $1, id, 'sending', now() FROM subscriber WHERE id = $2 AND unsubscribed_at IS NULL
       ON CONFLICT (mailing, subscriber_id) DO UPDATE
         SET status = 'sending', reason = NULL, started_at = now(), finished_at = NULL
         WHERE delivery.status = 'failed'
       RETURNING id`,
      [mailing, id],
    );
    return claimed?.id;
  }

  async finish(id: number, status: DeliveryStatus, reason: string | null = null): Promise<void> {
    await this.deliveries.update({ id }, { status, reason, finishedAt: new Date() });
  }

  /** To be called while nobody sends the mailing: whatever is still `sending` was cut short. */
  async markInterrupted(mailing: string): Promise<void> {
    await this.deliveries.update(
      { mailing, status: 'sending' },
      { status: 'interrupted', reason: 'The app stopped while it was sending this mail.' },
    );
  }

  async progress(mailing: string): Promise<MailingProgress> {
    const [counts] = await this.subscribers.query<MailingProgress[]>(
      `SELECT count(*) FILTER (WHERE status = 'sent')::int AS sent,
              count(*) FILTER (WHERE status = 'failed')::int AS failed,
              count(*) FILTER (WHERE status = 'interrupted')::int AS interrupted,
              count(*) FILTER (WHERE status = 'sending')::int AS sending,
              count(*) FILTER (WHERE status IS NULL AND unsubscribed_at IS NULL)::int AS waiting
       FROM subscriber LEFT JOIN delivery ON subscriber_id = subscriber.id AND mailing = $1`,
      [mailing],
    );
    return counts;
  }

  /** The first of the mails that are not known to have been sent. */
  problems(mailing: string, statuses: DeliveryStatus[]): Promise<Delivery[]> {
    return this.deliveries.find({
      where: { mailing, status: In(statuses) },
      relations: { subscriber: true },
      order: { id: 'ASC' },
      take: PROBLEMS_SHOWN,
    });
  }
}
