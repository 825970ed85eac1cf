import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, type Repository } from 'typeorm';
import { type MailFormat, Subscriber } from './subscriber.entity.js';
import type { SubscriberRow } from './subscriber-row.js';

@Injectable()
export class SubscribersService {
  constructor(@InjectRepository(Subscriber) private readonly subscribers: Repository<Subscriber>) {}

  /** Adds those who are not known yet, and leaves everybody else as they are. Returns how many were new. */
  async add(rows: SubscriberRow[]): Promise<number> {
    const result = await this.subscribers
      .createQueryBuilder()
      .insert()
      .values(rows.map(({ email, name }) => ({ email, name })))
      .orIgnore()
      .returning('id')
      .updateEntity(false)
      .execute();
    return (result.raw as unknown[]).length;
  }

  async findById(id: number): Promise<Subscriber | undefined> {
    return (await this.subscribers.findOneBy({ id })) ?? undefined;
  }

  /** Capital letters make no difference. */
  async findByEmail(email: string): Promise<Subscriber | undefined> {
    const found = await this.subscribers
      .createQueryBuilder('subscriber')
      .where('lower(subscriber.email) = lower(:email)', { email })
      .getOne();
    return found ?? undefined;
  }

  async count(): Promise<{ subscribed: number; unsubscribed: number }> {
    return {
      subscribed: await this.subscribers.countBy({ unsubscribedAt: IsNull() }),
      unsubscribed: await this.subscribers.countBy({ unsubscribedAt: Not(IsNull()) }),
    };
  }

  /** Doing it again changes nothing: the moment of the first time stays. */
  async unsubscribe({ id }: Subscriber): Promise<void> {
    await this.subscribers.update({ id, unsubscribedAt: IsNull() }, { unsubscribedAt: new Date() });
  }

  async savePreferences({ id }: Subscriber, name: string, mailFormat: MailFormat): Promise<void> {
    await this.subscribers.update({ id }, { name, mailFormat });
  }
}
