import { asksForUse, USE_OUTCOMES, type Use, usesOf } from './uses.js';
import type { History, TokenHistory, Visit } from './history.js';
import { nameOf } from './names.js';
import { factsOf } from './token-kinds.js';

/** What has to be true of one use; a text says what is wrong. */
type Rule = (use: Use) => string | false | undefined;

const isRedeemed = ({ call }: Use) => call.kind === 'redeem';
const isSuccess = ({ run }: Use) => run?.ended?.isSuccess === true;

/** Whether a run is over that changes nothing: of a handler, or a transaction that was rolled back. */
const isFailure = ({ run }: Use) => run?.ended?.isSuccess === false;

const ANSWERS: Rule[] = [
  ({ call: { answer, told } }) =>
    answer &&
    ![200, 403, 503].includes(answer.status) &&
    !(answer.status === 500 && told === 'fail') &&
    `answered with ${answer.status}`,
  (use) => use.run && use.call.answer?.code && `refused although it ran`,
  (use) => use.call.answer?.status === 503 && isSuccess(use) && 'answered with 503 although it ran',
  (use) =>
    use.call.kind === 'visit' &&
    use.call.answer?.status === 200 &&
    !isSuccess(use) &&
    'answered with 200, and did not run',
];

const LOGGED: Rule[] = [
  (use) => use.run && !use.log && !isRedeemed(use) && 'it ran without a log row',
  (use) =>
    isRedeemed(use) &&
    isSuccess(use) &&
    use.call.told === 'commit' &&
    !use.log &&
    'committed without a log row',
  (use) => isRedeemed(use) && use.call.told === 'rollback' && use.log && 'rolled back, and left a log row',
  (use) =>
    isRedeemed(use) && use.log && use.log.outcome !== 'used' && `redeemed, and then ${use.log.outcome}`,
  (use) => use.log?.outcome === 'used' && !use.run && 'used although nothing ran',
  (use) => use.log?.outcome === 'used' && isFailure(use) && 'used although it failed',
  (use) => use.isLeft && !use.isKilled && 'pending although its process lived on',
  (use) =>
    use.log?.outcome === 'released' &&
    isSuccess(use) &&
    use.abandonedFrom === undefined &&
    'released although it succeeded',
  ({ call, log, run }) =>
    call.kind === 'visit' &&
    call.answer &&
    run &&
    log?.outcome === 'used' &&
    log.statusCode !== call.answer.status &&
    `logged with status ${log.statusCode}`,
  ({ call, log }) =>
    call.answer &&
    log?.outcome === 'released' &&
    log.statusCode !== null &&
    log.statusCode !== call.answer.status &&
    `released with status ${log.statusCode}`,
];

/** What is wrong with the rows of a token, and with what its clients were told, whatever came first. */
export function brokenRules(token: TokenHistory, history: History): string[] {
  const { isLogged } = factsOf(token.kind);
  const rules = isLogged ? [...ANSWERS, ...LOGGED] : ANSWERS;
  const broken = usesOf(token, history).flatMap((use) =>
    rules.map((rule) => rule(use)).flatMap((text) => (text ? [`${nameOf(use.call)}: ${text}`] : [])),
  );
  return [...broken, ...(isLogged ? brokenBooks(token, history) : []), ...brokenRefusals(token)];
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
