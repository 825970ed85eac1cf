import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { newId } from '../common/uuid.js';
import type { Lock } from '../database/lock-lanes.js';
import { missingCharacter } from '../database/missing-characters.js';
import { PreparedQueries } from '../database/prepared-queries.js';
import type { StatementCall } from '../database/statement.js';
import { StatementBounds } from '../database/statement-bounds.js';
import type { EntityNames } from '../entities/entity-names.js';
import { KnownEntities } from '../entities/known-entities.js';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenRevocation } from '../entities/request-token-revocation.entity.js';
import { RevokeError } from './revoke.js';
import { findUnrevoked } from './sql/find-unrevoked.js';
import { revoke } from './sql/revoke.js';
import { stopAll, stopToken } from './sql/stop.js';

export type RevokeCriteria =
  /** `mayBeDeferred`, and so without a row yet; `expiresAt` of its JWT, if that was given. */
  { id: string; mayBeDeferred: boolean; expiresAt?: Date } | { userId?: string; scope?: string };

/** Most ids that are in memory at a time. */
const FOUND_AT_A_TIME = 20_000;

/** Tokens that are locked at a time, for milliseconds: whoever clicks meanwhile waits for no more. */
const REVOKED_AT_A_TIME = 250;

/** Revokes any number of tokens, a few at a time. */
@Injectable()
export class TokenRevoker {
  private made?: { token: EntityNames<RequestToken>; revocation: EntityNames<RequestTokenRevocation> };

  constructor(
    private readonly entities: KnownEntities,
    private readonly queries: PreparedQueries,
    private readonly bounds: StatementBounds,
  ) {}

  /**
   * @returns how many were revoked
   * @throws RevokeError if some are revoked, and the others are not
   */
  async revoke(criteria: RevokeCriteria, now: Date): Promise<number> {
    if ('id' in criteria) return this.revokeOne(criteria, now);
    let revoked = 0;
    try {
      // First, so that whatever comes of the rest, what has no row is stopped.
      await this.run(stopAll(this.tables, newId(), criteria, now));
      for await (const ids of this.findAll(criteria))
        for await (const some of this.revokeFew(ids, now)) revoked += some;
      return revoked;
    } catch (error) {
      // What the encoding of the database lacks, none of its tokens can have.
      if (missingCharacter(error) !== undefined) return revoked;
      throw revoked > 0 ? new RevokeError(revoked, error) : error;
    }
  }

  /**
   * What has no row is stopped first. Were it done after the row was found missing, a first use could write it in
   * between.
   */
  private async revokeOne(
    { id, mayBeDeferred, expiresAt }: { id: string; mayBeDeferred: boolean; expiresAt?: Date },
    now: Date,
  ): Promise<number> {
    const stopped = mayBeDeferred ? await this.run(stopToken(this.tables, newId(), id, now, expiresAt)) : [];
    const { revoked } = await this.revokeThese([id], now, 'wait');
    return Math.max(stopped.length, revoked);
  }

  /** In the order of ids, so that the table is read once, however often it is asked. */
  private async *findAll(criteria: {
    userId?: string;
    scope?: string;
  }): AsyncGenerator<string[], void, undefined> {
    let last: string | undefined;
    do {
      const ids = await this.find(criteria, last);
      yield ids;
      last = ids.length < FOUND_AT_A_TIME ? undefined : ids.at(-1);
    } while (last !== undefined);
  }

  private async *revokeFew(ids: string[], now: Date): AsyncGenerator<number, void, undefined> {
    const locked: string[] = [];
    for (let start = 0; start < ids.length; start += REVOKED_AT_A_TIME) {
      const startedAt = performance.now();
      const { revoked, left } = await this.revokeThese(
        ids.slice(start, start + REVOKED_AT_A_TIME),
        now,
        'skip',
      );
      locked.push(...left);
      yield revoked;
      // As long as it took, so that half of the time is left to others.
      await setTimeout(performance.now() - startedAt);
    }
    // Each by itself: while it waits for one, it holds none that somebody could want to use.
    for (const id of locked) yield (await this.revokeThese([id], now, 'wait')).revoked;
  }

  private async find(criteria: { userId?: string; scope?: string }, after?: string): Promise<string[]> {
    const rows = await this.run(findUnrevoked(this.tables.token, { ...criteria, after }, FOUND_AT_A_TIME));
    return rows.map(({ id }) => id);
  }

  /** @returns how many were revoked, and which others were locked; or were revoked by somebody else meanwhile */
  private async revokeThese(
    ids: string[],
    now: Date,
    lock: Lock,
  ): Promise<{ revoked: number; left: string[] }> {
    const rows = await this.run(revoke(this.tables.token, ids, now, lock));
    return { revoked: Number(rows[0].revoked), left: rows.flatMap(({ id }) => id ?? []) };
  }

  private run<Row>(call: StatementCall<Row>): Promise<Row[]> {
    return this.queries.run(call, { deadline: this.bounds.bulk() });
  }

  private get tables() {
    return (this.made ??= {
      token: this.entities.rowsOf(RequestToken),
      revocation: this.entities.rowsOf(RequestTokenRevocation),
    });
  }
}
