import { Injectable } from '@nestjs/common';
import { unhurried } from '../common/unhurried.js';
import { FIRST_ID } from '../common/uuid.js';
import { UsageStore } from './usage.store.js';

/** Log rows that are read at a time. */
const READ_AT_A_TIME = 10_000;

/** Tokens that are locked at a time, for milliseconds: whoever clicks meanwhile waits for no more. */
const RELEASED_AT_A_TIME = 250;

/** Gives back the uses that nobody will settle any more, of a few tokens at a time. */
@Injectable()
export class PendingReleaser {
  constructor(private readonly store: UsageStore) {}

  /**
   * Goes through the whole log, whatever ids tell of the time: somebody may have changed a row. Each statement reads a
   * little of it, so that a long log takes long, and no statement does.
   *
   * @returns how many uses were given back
   */
  async release(startedBefore: Date): Promise<number> {
    let released = 0;
    for (let after: string | undefined = FIRST_ID; after !== undefined;) {
      const from: string = after;
      const { last, tokenIds } = await unhurried(() =>
        this.store.findPending(from, READ_AT_A_TIME, startedBefore),
      );
      released += await this.releaseFew(tokenIds, startedBefore);
      after = last;
    }
    return released;
  }

  /** @returns how many uses of this token were given back */
  async releaseOf(tokenId: string, startedBefore: Date): Promise<number> {
    return (await this.store.releasePending([tokenId], startedBefore, 'wait')).released;
  }

  private async releaseFew(ids: string[], startedBefore: Date): Promise<number> {
    let released = 0;
    const locked: string[] = [];
    for (let start = 0; start < ids.length; start += RELEASED_AT_A_TIME) {
      const few = ids.slice(start, start + RELEASED_AT_A_TIME);
      const done = await unhurried(() => this.store.releasePending(few, startedBefore, 'skip'));
      released += done.released;
      locked.push(...done.left);
    }
    // Each by itself: while it waits for one, it holds none that somebody could want to use.
    for (const id of locked)
      released += (await this.store.releasePending([id], startedBefore, 'wait')).released;
    return released;
  }
}
