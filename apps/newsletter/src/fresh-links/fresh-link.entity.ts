import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When somebody was last sent a new link of a scope, instead of one that had expired. */
@Entity('fresh_link')
export class FreshLink {
  @PrimaryColumn('int', { name: 'subscriber_id' })
  subscriberId!: number;

  @PrimaryColumn('varchar', { length: 100 })
  scope!: string;

  @Column('timestamptz', { name: 'sent_at' })
  sentAt!: Date;
}
