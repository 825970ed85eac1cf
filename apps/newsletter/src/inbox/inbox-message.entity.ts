import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A mail as it came in over SMTP. */
@Entity('inbox_message')
export class InboxMessage {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column('timestamptz', { name: 'received_at', default: () => 'now()' })
  receivedAt!: Date;

  @Column('bytea')
  raw!: Buffer;
}
