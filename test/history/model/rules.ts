import type { Call, History, TokenHistory, Visit } from './history.js';
import { nameOf } from './names.js';
import { factsOf } from './token-kinds.js';
import { asksForUse, USE_OUTCOMES, type Use, usesOf } from './uses.js';

/** What has to be true of one use; a text says what is wrong. */
type Rule = (use: Use) => string | false | undefined;

const succeeded = ({ run }: Use) => run?.ended?.isSuccess === true;
const failed = ({ run }: Use) => run?.ended?.isSuccess === false;

/** Of a handler's run, whether it is logged or not. */
const RUNS: Rule[] = [
  ({ run, call: { answer } }) => run && answer?.code && 'refused although it ran',
  ({ run, call: { answer } }) => run && answer?.status === 503 && 'answered with 503 although it ran',
];

const VISITS: Rule[] = [
  ...RUNS,
  (use) => use.call.answer?.status === 200 && !succeeded(use) && 'answered with 200, and did not run',
];

const LOGGED_VISITS: Rule[] = [
  ...VISITS,
  ({ run, log }) => run && !log && 'it ran without a log row',
  ({ run, log }) => log?.outcome === 'used' && !run && 'used although nothing ran',
  (use) => use.log?.outcome === 'used' && failed(use) && 'used although it failed',
  (use) =>
    use.log?.outcome === 'released' &&
    succeeded(use) &&
    use.abandonedFrom === undefined &&
    'released although it succeeded',
  ({ isLeft, isKilled }) => isLeft && !isKilled && 'pending although its process lived on',
  ({ log, call: { answer } }) =>
    answer?.status === 200 &&
    log?.outcome === 'used' &&
    log.statusCode !== 200 &&
    `logged with status ${log.statusCode}`,
  ({ log, call: { answer } }) =>
    answer &&
    log?.outcome === 'released' &&
    // Whoever withdraws it, or releases what was pending, knows no status.
    log.statusCode !== null &&
    log.statusCode !== answer.status &&
    `released with status ${log.statusCode}`,
];

const REDEEMS: Rule[] = [
  ...RUNS,
  (use) => use.call.told === 'commit' && succeeded(use) && !use.log && 'committed without a log row',
  ({ call, log }) => call.told === 'rollback' && log && 'rolled back, and left a log row',
  ({ log }) => log && log.outcome !== 'used' && `redeemed, and then ${log.outcome}`,
];

/** What is wrong with the rows of a token, and with what its clients were told, whatever came first. */
export function brokenRules(token: TokenHistory, history: History): string[] {
  const { isLogged } = factsOf(token.kind);
  const ofVisits = isLogged ? LOGGED_VISITS : VISITS;
  const broken = usesOf(token, history).flatMap((use) => {
    const said = (use.call.kind === 'redeem' ? REDEEMS : ofVisits).map((rule) => rule(use));
    return said.flatMap((text) => (text ? [`${nameOf(use.call)}: ${text}`] : []));
  });
  return [
    ...broken,
    ...token.calls
      .filter(isAnsweredStrangely)
      .map((call) => `${nameOf(call)}: no such answer was to be expected`),
    ...(isLogged ? brokenBooks(token, history) : []),
    ...brokenRefusals(token),
  ];
}

function isAnsweredStrangely(call: Call): boolean {
  if (call.kind !== 'look' && !asksForUse(call)) return false;
  const isFailing = call.kind === 'visit' && call.told === 'fail';
  return !!call.answer && ![200, 403, 503, ...(isFailing ? [500] : [])].includes(call.answer.status);
}

function brokenBooks(token: TokenHistory, history: History): string[] {
  const { row, logs } = token;
  const rows = logs.filter(({ outcome }) => USE_OUTCOMES.includes(outcome));
  const counted = rows.filter(({ outcome }) => outcome !== 'released').length;
  const known = new Set(usesOf(token, history).flatMap(({ log }) => log?.id ?? []));
  const unknown = rows.filter(({ id }) => !known.has(id));
  return [
    ...(counted === (row?.useCount ?? 0) ? [] : [`${row?.useCount} uses are counted, and ${counted} logged`]),
    ...unknown.map(({ id, outcome }) => `log row ${id}, ${outcome}, is of nobody, or the second of one use`),
  ];
}

/** A refusal that was answered may be lost with its process; one that nobody was told must not be in the log. */
function brokenRefusals({ calls, logs }: TokenHistory): string[] {
  const asked = calls.filter((call) => call.kind === 'look' || asksForUse(call));
  const logged = new Map<string, number>();
  for (const { outcome, repeats } of logs) logged.set(outcome, (logged.get(outcome) ?? 0) + repeats);
  return [...logged]
    .filter(([code, count]) => !USE_OUTCOMES.includes(code) && count > asked.filter(mayBe(code)).length)
    .map(([code, count]) => `${count} refusals as ${code} are logged, and not as many were answered`);
}

const mayBe =
  (code: string) =>
  ({ answer }: Pick<Visit, 'answer'>): boolean =>
    answer === undefined || answer.code === code;
