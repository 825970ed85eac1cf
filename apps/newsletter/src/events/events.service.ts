import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { Rsvp } from './rsvp.entity.js';

@Injectable()
export class EventsService {
  constructor(@InjectRepository(Rsvp) private readonly rsvps: Repository<Rsvp>) {}

  async accept(event: string, { id }: Subscriber): Promise<void> {
    await this.rsvps
      .createQueryBuilder()
      .insert()
      .values({ event, subscriberId: id })
      .orIgnore()
      .updateEntity(false)
      .execute();
  }

  acceptedBy({ id }: Subscriber): Promise<Rsvp[]> {
    return this.rsvps.find({ where: { subscriberId: id }, order: { answeredAt: 'DESC', event: 'ASC' } });
  }

  countComing(event: string): Promise<number> {
    return this.rsvps.countBy({ event });
  }
}
