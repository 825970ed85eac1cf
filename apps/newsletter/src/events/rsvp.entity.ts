import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody said that they will come. */
@Entity('rsvp')
export class Rsvp {
  @PrimaryColumn('varchar', { length: 100 })
  event!: string;

  @PrimaryColumn('int', { name: 'subscriber_id' })
  subscriberId!: number;

  @Column('timestamptz', { name: 'answered_at', default: () => 'now()' })
  answeredAt!: Date;
}
