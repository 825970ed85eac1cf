import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { RequestTokenErrorCode } from '../common/exception.js';
import { RequestToken } from './request-token.entity.js';

/**
 * How an attempt to use a token ended: `pending` while the request is being answered (or for ever, if
 * the process died), `used`, `released` when the use was given back, or the code of the refusal.
 *
 * @publicApi
 */
export type RequestTokenOutcome = 'pending' | 'used' | 'released' | RequestTokenErrorCode;

/**
 * One attempt to use a token whose signature was good; or all of a minute that were refused for the same reason.
 *
 * @publicApi
 */
@Entity('request_token_log')
@Index(['tokenId', 'id'])
export class RequestTokenLog {
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('uuid', { name: 'token_id' })
  tokenId!: string;

  @ManyToOne(() => RequestToken, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'token_id' })
  token?: RequestToken;

  /** Who made the request, as far as known; else the token's recipient. */
  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  /** The framework's `request.ip`, without port; null if that is no IP address. */
  @Column('inet', { name: 'client_ip', nullable: true })
  clientIp!: string | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent!: string | null;

  /** HTTP method; null for a use outside HTTP. */
  @Column('text', { name: 'method', nullable: true })
  method!: string | null;

  /** Path without query; null for a use outside HTTP. */
  @Column('text', { name: 'path', nullable: true })
  path!: string | null;

  /** Final status of the answer; null while pending, outside HTTP, and if the client left before it. */
  @Column('int', { name: 'status_code', nullable: true })
  statusCode!: number | null;

  @Column('varchar', { name: 'outcome', length: 32 })
  outcome!: RequestTokenOutcome;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  /** Milliseconds until the answer had gone out, or the client had left; null while pending. */
  @Column('int', { name: 'duration_ms', nullable: true })
  durationMs!: number | null;

  /** How many attempts were refused like this within a minute; the other facts are those of the first. Else 1. */
  @Column('int', { name: 'repeats', default: 1 })
  repeats!: number;
}
