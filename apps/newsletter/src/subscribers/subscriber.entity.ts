import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** How somebody likes to get mail: with a designed version beside the plain text, or plain text alone. */
export const MAIL_FORMATS = ['html', 'text'] as const;
export type MailFormat = (typeof MAIL_FORMATS)[number];

@Entity('subscriber')
export class Subscriber {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column('varchar', { length: 254 })
  email!: string;

  @Column('varchar', { length: 200 })
  name!: string;

  @Column('varchar', { name: 'mail_format', length: 10, default: 'html' })
  mailFormat!: MailFormat;

  @Column('timestamptz', { name: 'unsubscribed_at', nullable: true })
  unsubscribedAt!: Date | null;
}
