import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { LoginMode } from '../common/claims.js';

/**
 * A request token: what was issued, and how much of it is used. The row decides: change it, and a link
 * that was already sent changes with it.
 *
 * @publicApi
 */
@Entity('request_token')
@Check('"use_count" >= 0 AND ("max_uses" IS NULL OR "use_count" <= "max_uses")')
@Index(['userId', 'scope'])
@Index(['scope', 'id'])
export class RequestToken {
  /** UUID v7 made by the app; the `jti` claim. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  /** Ties the token to the routes decorated with it. */
  @Column('varchar', { name: 'scope', length: 100, nullable: true })
  scope!: string | null;

  /** Path, without query, that the token is bound to. */
  @Column('text', { name: 'target_path', nullable: true })
  targetPath!: string | null;

  /** Primary key, as text, of the recipient. */
  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('varchar', { name: 'login_mode', length: 10 })
  loginMode!: LoginMode;

  @Column('timestamptz', { name: 'issued_at' })
  issuedAt!: Date;

  @Column('timestamptz', { name: 'not_before', nullable: true })
  notBefore!: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  /** Null is unlimited. */
  @Column('int', { name: 'max_uses', nullable: true })
  maxUses!: number | null;

  /** Uses that are taken, those of requests still being answered included. */
  @Column('int', { name: 'use_count', default: 0 })
  useCount!: number;

  /** Whatever the app gave to `issue`; never in the JWT, unless the token is deferred. */
  @Column('jsonb', { name: 'data', default: {} })
  data!: Record<string, unknown>;

  /**
   * Of a token that was issued deferred: when its JWT expires, whatever became of `expiresAt`. Until then the row must
   * stay, because the JWT would write another one, with all uses. Null for tokens that had their row at once.
   */
  @Column('timestamptz', { name: 'deferred_until', nullable: true })
  deferredUntil!: Date | null;
}
