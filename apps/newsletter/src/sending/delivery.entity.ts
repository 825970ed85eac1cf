import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Subscriber } from '../subscribers/subscriber.entity.js';

/**
 * - `sending`: the mail may be on its way; written before the SMTP server is spoken to
 * - `sent`: the SMTP server has taken the mail
 * - `failed`: it certainly has not; sending the mailing again tries again
 * - `interrupted`: nobody knows, because the app or the connection ended in between; never tried again
 */
export type DeliveryStatus = 'sending' | 'sent' | 'failed' | 'interrupted';

/** One mailing to one subscriber. The unique constraint is what keeps anybody from being mailed twice. */
@Entity('delivery')
@Unique(['mailing', 'subscriberId'])
export class Delivery {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column('varchar', { length: 100 })
  mailing!: string;

  @Column('int', { name: 'subscriber_id' })
  subscriberId!: number;

  @ManyToOne(() => Subscriber, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'subscriber_id' })
  subscriber?: Subscriber;

  @Column('varchar', { length: 20 })
  status!: DeliveryStatus;

  /** Why it is not `sent`. */
  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
