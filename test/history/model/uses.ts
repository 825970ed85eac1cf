import type { Call, History, LogRow, Moment, Redeem, Run, TokenHistory, Visit } from './history.js';

/** A call that asked for a use, with all that tells what became of it. */
export interface Use {
  call: Visit | Redeem;
  run?: Run;
  /** Its row of the log, if it got as far as that. */
  log?: LogRow;
  /** Whether it was asked for before any revocation had returned. */
  isInTime: boolean;
  /** Whether the process was killed that was asked. */
  isKilled: boolean;
  /** Whether it was pending still when all processes had ended. */
  isLeft: boolean;
  /** From when on `releasePending` may have given it back; undefined if it never may. */
  abandonedFrom?: Moment;
}

export const USE_OUTCOMES = ['pending', 'used', 'released'];

/** Clocks of rows and of calls are two. */
const CLOCKS_DIFFER_MS = 20;

export const asksForUse = (call: Call): call is Visit | Redeem =>
  call.kind === 'visit' || call.kind === 'redeem';

export function usesOf({ calls, runs, logs }: TokenHistory, history: History): Use[] {
  const rows = logs.filter(({ outcome }) => USE_OUTCOMES.includes(outcome));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const byVisit = new Map(rows.map((row) => [row.userAgent, row]));
  const revokedAt = Math.min(...calls.filter(({ kind }) => kind === 'revoke').map(({ end }) => end));
  return calls.filter(asksForUse).map((call) => {
    const isInTime = call.begin < revokedAt;
    const run = runs.get(call.id);
    const log = call.kind === 'visit' ? byVisit.get(call.id) : byId.get(run?.logId ?? '');
    const isKilled = history.killed.has(call.process);
    const isLeft = log !== undefined && history.leftPending.ids.has(log.id);
    return {
      call,
      run,
      log,
      isInTime,
      isKilled,
      isLeft,
      abandonedFrom: abandonedFrom(call, isLeft, history),
    };
  });
}

function abandonedFrom(
  { begin }: Call,
  isLeft: boolean,
  { releases, leftPending }: History,
): Moment | undefined {
  if (isLeft) return leftPending.givenBackAt;
  const begins = releases
    .filter(({ end, olderThanMs }) => begin + olderThanMs <= end + CLOCKS_DIFFER_MS)
    .map((release) => release.begin);
  return begins.length > 0 ? Math.max(begin, Math.min(...begins)) : undefined;
}
