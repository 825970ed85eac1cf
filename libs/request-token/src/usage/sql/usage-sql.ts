import { awaitLogs } from './await-logs.js';
import { findDeferred } from './find-deferred.js';
import { findLogs } from './find-logs.js';
import { findPending } from './find-pending.js';
import { findTokens } from './find-tokens.js';
import { logRefusals } from './log-refusals.js';
import { awaitPending, releasePending } from './release-pending.js';
import { settle } from './settle.js';
import { settleUsed } from './settle-used.js';
import type { UsageTables } from './tables.js';
import { takeDeferredUses } from './take-deferred-uses.js';
import { takeOneUse } from './take-one-use.js';
import { takeOneUseOfEach } from './take-one-use-of-each.js';
import { takeUses } from './take-uses.js';
import { withdraw } from './withdraw.js';
import { writeDeferred } from './write-deferred.js';

/**
 * The SQL that takes and settles uses, and looks at what became of them: one statement in one file, with its
 * parameters and what it returns.
 *
 * Each statement is about any number of uses. It locks tokens in the order of their ids, so that two statements,
 * in whatever process, never wait for each other; with `skip` it does not wait at all, and leaves out what is
 * about a token, or a log row, that somebody else has locked. Of a locked log row, whoever would rather wait has to
 * run {@link awaitLogs} before: the token is not locked meanwhile.
 *
 * No statement may be executed by a plan that reads a whole table. The planner has to see look-ups by id, of
 * arrays whose length it cannot know; it sees only the ids of log rows that are about to be given back, by which it
 * leaves out all other months. One that looks a table up and may keep its plan has to report the size of the table:
 * its rows are {@link Sized}.
 */
export const usageSql = (tables: UsageTables) => ({
  takeUses: takeUses(tables),
  takeOneUse: takeOneUse(tables),
  takeOneUseOfEach: takeOneUseOfEach(tables),
  takeDeferredUses: takeDeferredUses(tables),
  writeDeferred: writeDeferred(tables),
  findTokens: findTokens(tables),
  findDeferred: findDeferred(tables),
  findLogs: findLogs(tables),
  settle: settle(tables),
  settleUsed: settleUsed(tables),
  withdraw: withdraw(tables),
  logRefusals: logRefusals(tables),
  awaitLogs: awaitLogs(tables),
  findPending: findPending(tables),
  awaitPending: awaitPending(tables),
  releasePending: releasePending(tables),
});

export type UsageSql = ReturnType<typeof usageSql>;
