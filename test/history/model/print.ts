import type { Finding } from './checker.js';
import type { History, Moment } from './history.js';
import { nameOf } from './names.js';
import { USE_OUTCOMES } from './uses.js';

/** More would not tell more. */
const MOST_FINDINGS = 3;
const MOST_PROBLEMS = 5;

/** The histories of the tokens that were found, one line a call. */
export function print(findings: Finding[], history: History): string {
  const shown = findings.slice(0, MOST_FINDINGS).map((finding) => printFinding(finding, history));
  const hidden = findings.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more tokens`] : [])].join('\n\n');
}

function printFinding({ token, problems }: Finding, history: History): string {
  const { issued, kind, id, calls, runs, logs } = token;
  const time = (moment: Moment) => (moment === Infinity ? '' : ((moment - issued.begin) / 1_000).toFixed(4));
  const times = (begin: Moment, end: Moment) => `${time(begin)}-${time(end)}`.padEnd(16);
  const logOf = (callId: string, logId?: string) => {
    const row = logs.find(
      (one) => USE_OUTCOMES.includes(one.outcome) && (one.id === logId || one.userAgent === callId),
    );
    return row && `logged ${row.outcome} ${row.statusCode ?? ''}`.trim();
  };
  const lines = calls.map((call) => {
    const run = runs.get(call.id);
    const ended = run?.ended && `${run.ended.isSuccess ? 'succeeded' : 'failed'} ${time(run.ended.at)}`;
    const parts = [
      `process ${call.process}${history.killed.has(call.process) ? ', killed later' : ''}`,
      run && `ran ${time(run.beganAt)}`,
      ended,
      logOf(call.id, run?.logId),
    ];
    return {
      begin: call.begin,
      text: `${times(call.begin, call.end)} ${nameOf(call)} (${parts.filter(Boolean).join(', ')})`,
    };
  });
  const releases = history.releases
    .filter(({ end, answer }) => end >= issued.begin && answer !== 0)
    .map(({ begin, end, olderThanMs, answer }) => ({
      begin,
      text: `${times(begin, end)} releasePending older than ${olderThanMs} ms -> ${answer ?? 'no answer'}`,
    }));
  const shownProblems = problems.slice(0, MOST_PROBLEMS);
  return [
    `token ${id}, ${kind}, issued for ${issued.maxUses ?? 'any number of'} uses:`,
    ...shownProblems.map((problem) => `! ${problem}`),
    ...(problems.length > shownProblems.length
      ? [`! and ${problems.length - shownProblems.length} more`]
      : []),
    ...[...lines, ...releases].sort((one, other) => one.begin - other.begin).map(({ text }) => text),
    `at the end: ${JSON.stringify(token.row ?? 'no row')}`,
  ].join('\n');
}
