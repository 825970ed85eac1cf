import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When somebody was last sent a link of a scope because it was asked for. */
@Entity('fresh_link')
export class FreshLink {
  @PrimaryColumn('int', { name: 'subscriber_id' })
  subscriberId!: number;

  @PrimaryColumn('varchar', { length: 100 })
  scope!: string;

  @Column('timestamptz', { name: 'sent_at' })
  sentAt!: Date;
}
