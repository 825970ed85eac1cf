import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What became of the tokens of one scope within an hour, or a day, in UTC: summed up from the tables, so that figures
 * of months are there at once, and remain when the log is deleted.
 *
 * @publicApi
 */
@Entity('request_token_statistic')
export class RequestTokenStatistic {
  @PrimaryColumn('varchar', { name: 'period', length: 4 })
  period!: 'hour' | 'day';

  /** When the hour, or the day, begins. */
  @PrimaryColumn('timestamptz', { name: 'begins_at' })
  beginsAt!: Date;

  /** Empty for tokens without one. */
  @PrimaryColumn('varchar', { name: 'scope', length: 100 })
  scope!: string;

  /** When the tables were summed up; null where only deferred tokens have been counted so far. */
  @Column('timestamptz', { name: 'summed_at', nullable: true })
  summedAt!: Date | null;

  /** Tokens that had their row at once. */
  @Column('int', { name: 'stored', default: 0 })
  stored!: number;

  /** Tokens that were issued deferred, as the processes that issued them have counted them. */
  @Column('int', { name: 'deferred', default: 0 })
  deferred!: number;

  @Column('int', { name: 'used', default: 0 })
  used!: number;

  @Column('int', { name: 'released', default: 0 })
  released!: number;

  /** Uses that were not settled when the tables were summed up: as long as there are some, it is done again. */
  @Column('int', { name: 'pending', default: 0 })
  pending!: number;

  /** By the code of the refusal. */
  @Column('jsonb', { name: 'refused', default: {} })
  refused!: Record<string, number>;

  /** Hashes of the users whose uses were kept: all of them, or the 1,024 least, from which their number is estimated. */
  @Column('jsonb', { name: 'users', default: [] })
  users!: number[];
}
