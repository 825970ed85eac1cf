import type { TokenKind } from './token-kinds.js';

/** Milliseconds of the clock that all processes share. */
export type Moment = number;

/** An answer to a request with a token. */
export interface Answer {
  status: number;
  /** Of a refusal. */
  code?: string;
}

/** What a row says of its token. */
export interface RowFacts {
  useCount: number;
  maxUses: number | null;
  isRevoked: boolean;
  isExpired: boolean;
}

interface CallFacts {
  /** Also the user agent of the request, by which log rows and runs of handlers tell whose they are. */
  id: string;
  tokenId: string;
  /** The number of the process that was asked. */
  process: number;
  begin: Moment;
  /** Infinity if no answer came: whatever it does may be done later. */
  end: Moment;
}

/** A request to a route that runs its handler. */
export interface Visit extends CallFacts {
  kind: 'visit';
  /** For people: `GET direct`, say. */
  name: string;
  /** What its handler was told to do. */
  told: 'succeed' | 'fail';
  answer?: Answer;
}

/** GET of a confirm page: looks, and takes nothing. */
export interface Look extends CallFacts {
  kind: 'look';
  answer?: Answer;
}

/** A use that is taken inside a transaction of the app. */
export interface Redeem extends CallFacts {
  kind: 'redeem';
  told: 'commit' | 'rollback';
  answer?: Answer;
}

export interface Revoke extends CallFacts {
  kind: 'revoke';
  by: 'id' | 'user';
  /** How many were revoked; of one token, 0 or 1. */
  answer?: number;
}

/** Somebody changes the row. */
export interface Change extends CallFacts {
  kind: 'change';
  to: Partial<Pick<RowFacts, 'maxUses' | 'isExpired'>>;
  /** `refused` by the check that there are no more uses than allowed; `nothing` where there is no row. */
  answer?: 'done' | 'refused' | 'nothing';
}

export interface Inspect extends CallFacts {
  kind: 'inspect';
  answer?: { row: RowFacts | null; code?: string };
}

export type Call = Visit | Look | Redeem | Revoke | Change | Inspect;

/** A call of `releasePending`, which is about all tokens. */
export interface PendingRelease {
  begin: Moment;
  end: Moment;
  olderThanMs: number;
  /** How many uses it gave back, if it said so. */
  answer?: number;
}

/** What a handler, or who redeems, has written down itself, in a file: it outlives the process. */
export interface Run {
  beganAt: Moment;
  /** Absent if the process died meanwhile. */
  ended?: { at: Moment; isSuccess: boolean };
  /** Of the log row, where whoever ran knows it. */
  logId?: string;
}

export interface LogRow {
  id: string;
  userAgent: string | null;
  /** `pending`, `used`, `released` or a refusal's code. */
  outcome: string;
  statusCode: number | null;
  repeats: number;
}

/** Everything that is known of one token. */
export interface TokenHistory {
  id: string;
  kind: TokenKind;
  issued: { begin: Moment; end: Moment; maxUses: number | null };
  calls: Call[];
  /** By the id of their call. A use has one run. */
  runs: Map<string, Run>;
  /** At the end, when nothing is under way any more; undefined if there is none. */
  row?: RowFacts;
  logs: LogRow[];
}

export interface History {
  tokens: TokenHistory[];
  releases: PendingRelease[];
  /** Numbers of processes that were killed. */
  killed: Set<number>;
  /** Log rows that were pending still when all processes had ended, and when they were given back. */
  leftPending: { ids: Set<string>; givenBackAt: Moment };
  /** When nothing was under way, and all that had been answered before was settled; the last of them is the end. */
  rests: Moment[];
}
