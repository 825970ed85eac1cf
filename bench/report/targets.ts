import type { Races, Results, Row, RowMeasure } from '../measures/results.js';
import type { SubjectName } from '../subjects/subject.js';

/** Something the library wants to reach, and whether it does. */
export interface Target {
  name: string;
  goal: string;
  measured: string;
  met: boolean;
}

/** Only those for which there are figures. */
export function compareWithTargets({ rows, deferred, bigTables, memory, races }: Results): Target[] {
  const find = (subject: SubjectName, measure: RowMeasure, connections: number) =>
    rows.find((row) => row.subject === subject && row.measure === measure && row.connections === connections);
  const library = (measure: RowMeasure, connections: number) => find('library', measure, connections);
  const bestByHand = (measure: RowMeasure, connections: number) =>
    (['hand-written', 'hand-written-atomic'] as const)
      .flatMap((subject) => find(subject, measure, connections) ?? [])
      .sort((one, other) => other.median - one.median)
      .at(0);

  const targets: (Target | undefined)[] = [
    ...(
      [
        [32, 0.65],
        [8, 0.45],
        [1, 0.22],
      ] as const
    ).map(([connections, goal]) =>
      atLeast(`redeem, ${connections} at a time, share of bare`, goal, library('redeem', connections)?.ratio),
    ),
    atLeast(
      'redeem, 32 at a time, times the best by hand',
      1.4,
      times(library('redeem', 32), bestByHand('redeem', 32)),
    ),
    atMost(
      'redeem, 32 at a time, p99, times that of bare',
      3,
      quotient(library('redeem', 32)?.p99, find('bare', 'redeem', 32)?.p99),
    ),
    atLeast('undecorated, share of bare', 0.97, library('undecorated', 32)?.ratio),
    atLeast(
      'issue, one by one, times the best by hand',
      1.3,
      times(library('issue', 1), bestByHand('issue', 1)),
    ),
    atLeast(
      'issue, 64 at a time, times the best by hand',
      5,
      times(library('issue', 64), bestByHand('issue', 64)),
    ),
    atLeast(
      'issueMany, times the best by hand',
      1.5,
      times(library('issueMany', 1), bestByHand('issueMany', 1)),
    ),
    atLeast('issueMany, deferred, times stored', 2.5, deferred?.timesStored),
    atLeast('issueMany, deferred, share of bare HMACs', 0.55, deferred?.shareOfHmac),
    atLeast('first use of deferred tokens, 32 at a time, share of bare', 0.6, deferred?.firstUseShareOfBare),
    atLeast('redeem, 32 at a time, in big tables, share of empty ones', 0.9, bigTables?.shareOfEmpty),
    memory && atMost('growth of the heap, in MB', 50, memory[1].heapMegabytes - memory[0].heapMegabytes),
    exactlyOne(
      'race of 64 for one use, accepted',
      races?.find(({ subject }) => subject === 'library'),
    ),
  ];
  return targets.filter((target) => target !== undefined);
}

const times = (row: Row | undefined, other: Row | undefined) => quotient(row?.median, other?.median);

const quotient = (dividend: number | undefined, divisor: number | undefined) =>
  dividend === undefined || divisor === undefined ? undefined : dividend / divisor;

function atLeast(name: string, goal: number, measured: number | undefined): Target | undefined {
  if (measured === undefined) return undefined;
  return { name, goal: `>= ${round(goal)}`, measured: round(measured), met: measured >= goal };
}

function atMost(name: string, goal: number, measured: number | undefined): Target | undefined {
  if (measured === undefined) return undefined;
  return { name, goal: `<= ${round(goal)}`, measured: round(measured), met: measured <= goal };
}

function exactlyOne(name: string, races: Races | undefined): Target | undefined {
  if (!races) return undefined;
  const { accepted } = races;
  const measured = [...new Set(accepted)].join(', ');
  return { name, goal: '= 1', measured, met: accepted.every((count) => count === 1) };
}

const round = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 3 });
