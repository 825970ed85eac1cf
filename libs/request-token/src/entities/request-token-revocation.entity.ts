import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What is revoked of tokens that have no row yet: a token, or all deferred tokens of a user, of a scope, or of a user
 * within a scope that were issued until then. Delete it, and those that have not expired work again.
 *
 * @publicApi
 */
@Entity('request_token_revocation')
@Check('"token_id" IS NOT NULL OR "user_id" IS NOT NULL OR "scope" IS NOT NULL')
@Index(['userId', 'scope'])
export class RequestTokenRevocation {
  /** UUID v7 made by the app. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Index()
  @Column('uuid', { name: 'token_id', nullable: true })
  tokenId!: string | null;

  /** Primary key, as text, of the recipient. */
  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('varchar', { name: 'scope', length: 100, nullable: true })
  scope!: string | null;

  @Column('timestamptz', { name: 'revoked_at' })
  revokedAt!: Date;

  /** When the JWT of the token has expired, and there is nothing left to be revoked; null where that is not known. */
  @Column('timestamptz', { name: 'needed_until', nullable: true })
  neededUntil!: Date | null;
}
