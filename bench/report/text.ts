import { markdownTable } from 'markdown-table';
import type { Machine } from '../machine.js';
import type { HeapReading, Races, Row } from '../measures/results.js';
import type { Report } from './report.js';
import type { Target } from './targets.js';

/** The report for people, in Markdown. */
export function toText({ machine, rows, memory, races, targets }: Report): string {
  const sections = [
    describeMachine(machine),
    rows.length > 0 && rowTable(rows),
    memory && memoryTable(memory),
    races && raceTable(races),
    targets.length > 0 && targetTable(targets),
  ];
  return `${sections.filter((section) => typeof section === 'string').join('\n\n')}\n`;
}

export function describeMachine(machine: Machine): string {
  const hardware = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.os}`;
  const commits = `fsync ${machine.fsync}, synchronous_commit ${machine.synchronousCommit}`;
  const data = machine.data === 'memory' ? ', data in MEMORY, where commits cost nothing' : '';
  const postgres = `PostgreSQL ${machine.postgres} (${commits}${data})`;
  return `${hardware}; Node.js ${machine.node}; ${postgres}; ${machine.date.slice(0, 10)}`;
}

function rowTable(rows: readonly Row[]): string {
  const head = [
    'measure',
    'connections',
    'subject',
    'per second',
    'min',
    'max',
    'ratio',
    'p99 ms',
    'per second, settled',
  ];
  const body = rows.map((row) => [
    row.measure,
    String(row.connections),
    row.subject,
    ...[row.median, row.min, row.max].map(whole),
    row.ratio.toFixed(2),
    row.p99?.toFixed(1) ?? '',
    row.settled === undefined ? '' : whole(row.settled),
  ]);
  return markdownTable([head, ...body], { align: ['l', 'r', 'l', 'r', 'r', 'r', 'r', 'r', 'r'] });
}

function memoryTable(readings: readonly HeapReading[]): string {
  const body = readings.map(({ tokens, heapMegabytes }) => [whole(tokens), heapMegabytes.toFixed(1)]);
  return markdownTable([['tokens issued by issueMany', 'heap in MB'], ...body], { align: 'r' });
}

function raceTable(races: readonly Races[]): string {
  const body = races.map(({ subject, accepted }) => [subject, accepted.join(', ')]);
  return markdownTable([['64 requests race for one use', 'accepted'], ...body]);
}

function targetTable(targets: readonly Target[]): string {
  const body = targets.map(({ name, goal, measured, met }) => [name, goal, measured, met ? 'met' : 'missed']);
  return markdownTable([['target', 'goal', 'measured', ''], ...body], { align: ['l', 'r', 'r', 'l'] });
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
