import type { SubjectName, TokenSubjectName } from '../subjects/subject.js';
import { median, type Summary, summarize } from '../statistics.js';

export type RowMeasure = 'redeem' | 'undecorated' | 'issue' | 'issueMany';

/** Requests or tokens per second. */
export interface Row extends Summary {
  subject: SubjectName;
  measure: RowMeasure;
  connections: number;
  /** Of the median to that of the baseline. */
  ratio: number;
  /** Milliseconds; the median of the rounds. */
  p99?: number;
  /** Requests per second if the time until the last use is settled counts, too; the median of the rounds. */
  settled?: number;
}

/** How many of 64 requests for one use were let through, race by race. */
export interface Races {
  subject: TokenSubjectName;
  accepted: number[];
}

/** The heap after a garbage collection, while many tokens are issued. */
export interface HeapReading {
  tokens: number;
  heapMegabytes: number;
}

/** Of deferred tokens. */
export interface DeferredFigures {
  /** By issueMany. */
  issuedPerSecond: number;
  timesStored: number;
  /** Of a loop of `createHmac` over ready payloads. */
  shareOfHmac: number;
  firstUseShareOfBare: number;
}

/** How redeeming fares in tables that are not empty. */
export interface BigTablesFigures {
  tokens: number;
  logs: number;
  shareOfEmpty: number;
}

export interface Results {
  rows: Row[];
  deferred?: DeferredFigures;
  bigTables?: BigTablesFigures;
  memory?: HeapReading[];
  races?: Races[];
}

export interface Run {
  perSecond: number;
  p99?: number;
  settled?: number;
}

/** The rows of one measure at one number of connections. */
export function toRows<Subject extends SubjectName>(
  measure: RowMeasure,
  connections: number,
  runs: ReadonlyMap<Subject, readonly Run[]>,
  baseline: Subject,
): Row[] {
  const medianOf = (subject: Subject) => median((runs.get(subject) ?? []).map(({ perSecond }) => perSecond));
  return [...runs].map(([subject, ofSubject]) => ({
    subject,
    measure,
    connections,
    ...summarize(ofSubject.map(({ perSecond }) => perSecond)),
    ratio: medianOf(subject) / medianOf(baseline),
    ...medianIfMeasured('p99', ofSubject),
    ...medianIfMeasured('settled', ofSubject),
  }));
}

function medianIfMeasured(name: 'p99' | 'settled', runs: readonly Run[]) {
  const values = runs.flatMap((run) => run[name] ?? []);
  return values.length > 0 ? { [name]: median(values) } : {};
}
