import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Stands in the recipes for the users of an app that sends mails. */
@Entity('subscriber')
export class Subscriber {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  name!: string;

  @Column('text', { unique: true })
  email!: string;

  @Column('boolean', { default: true, name: 'is_subscribed' })
  isSubscribed!: boolean;
}
