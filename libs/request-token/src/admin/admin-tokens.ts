import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { RequestTokenClock } from '../common/clock.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { type RequestTokenState, stateOf } from '../entities/token-state.js';
import type { ListedAttempt } from '../operations/attempts-options.js';
import { Telemetry } from '../operations/telemetry.js';
import { TokenService } from '../token/token.service.js';
import { PendingReleaser } from '../usage/pending-releaser.js';
import { UsageStore } from '../usage/usage.store.js';

/** Attempts that a page of a token shows. */
const MOST_ATTEMPTS = 200;

/** What is known of a token with a row. */
export interface KnownToken {
  token: RequestToken;
  state: RequestTokenState;
  /** The newest first. */
  attempts: ListedAttempt[];
  /** Whether there are older ones. */
  hasMore: boolean;
  /** How many have not ended, as far as `attempts` of the service looks back. */
  pending: number;
}

/** What the pages show, and what their buttons do. */
@Injectable()
export class AdminTokens implements OnModuleInit {
  service!: TokenService;
  private store!: UsageStore;
  private pending!: PendingReleaser;
  private clock!: RequestTokenClock;
  private telemetry!: Telemetry;

  constructor(private readonly moduleRef: ModuleRef) {}

  /** @throws Error if the app does not import RequestTokenModule */
  onModuleInit(): void {
    try {
      this.service = this.moduleRef.get(TokenService, { strict: false });
    } catch (error) {
      throw new Error('RequestTokenAdminModule needs RequestTokenModule.forRoot() in the same app', {
        cause: error,
      });
    }
    this.store = this.moduleRef.get(UsageStore, { strict: false });
    this.pending = this.moduleRef.get(PendingReleaser, { strict: false });
    this.clock = this.moduleRef.get(RequestTokenClock, { strict: false });
    this.telemetry = this.moduleRef.get(Telemetry, { strict: false });
  }

  get now(): Date {
    return this.clock.now();
  }

  /** Undefined if there is none. */
  async row(id: string): Promise<RequestToken | undefined> {
    const [row] = await this.store.find([id.toLowerCase()]);
    return row;
  }

  /** Undefined if it has no row. */
  async find(given: string): Promise<KnownToken | undefined> {
    const row = await this.row(given);
    if (!row) return undefined;
    const { id } = row;
    const [found, { items, after }] = await Promise.all([
      // A revocation may have come while the row of a deferred one was being written.
      row.deferredUntil ? this.store.findDeferred([row]) : undefined,
      this.service.attempts({ tokenId: id, limit: MOST_ATTEMPTS }),
    ]);
    const token = found?.[0].state ?? row;
    const attempts = items.sort((one, other) => other.startedAt.getTime() - one.startedAt.getTime());
    const hasMore = after !== undefined;
    const pending = hasMore
      ? (await this.service.attempts({ tokenId: id, outcome: 'pending', limit: MOST_ATTEMPTS })).items
      : attempts.filter(({ outcome }) => outcome === 'pending');
    const state = stateOf(token, this.clock.moment());
    return { token, state, attempts, hasMore, pending: pending.length };
  }

  /** @returns how many uses were given back */
  async releasePending(id: string): Promise<number> {
    const released = await this.pending.releaseOf(id, this.now);
    this.telemetry.released(released);
    return released;
  }
}
