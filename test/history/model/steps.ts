import type { Call, History, TokenHistory } from './history.js';
import * as machine from './machine.js';
import type { TokenState } from './machine.js';
import { nameOf } from './names.js';
import type { Step } from './order.js';
import { factsOf } from './token-kinds.js';
import { type Use, usesOf } from './uses.js';

type TokenStep = Step<TokenState>;

/** What happened to a token, as far as it is certain, and what may have. */
export function stepsOf(token: TokenHistory, history: History): TokenStep[] {
  const { isLogged } = factsOf(token.kind);
  const theEnd = Math.max(...history.rests) + 1;
  return [
    ...token.calls.flatMap((call) => stepsOfCall(call, history)),
    ...usesOf(token, history).flatMap((use) =>
      isLogged ? stepsOfLogged(use, history) : stepsOfUnlogged(use, history),
    ),
    ...stepsOfRow(token, history),
    { begin: theEnd, end: theEnd, name: 'at the end', apply: machine.read(token.row) },
  ];
}

/**
 * To withdraw a use of a deferred token, its row is written, and then what withdraws it: whatever ends the process, or
 * the connection, may come between.
 */
function stepsOfRow({ kind, calls }: TokenHistory, history: History): TokenStep[] {
  const lost = calls.filter((call) => call.kind === 'visit' && (!call.answer || call.answer.status === 503));
  if (factsOf(kind).isStored || lost.length === 0) return [];
  const begin = Math.min(...lost.map((call) => call.begin));
  const end = Math.max(...lost.map((call) => restAfter(call.begin, history)));
  return [{ begin, end, name: 'its row is written', apply: machine.writeRow, isOptional: true }];
}

/** But for the use that it asked for. */
function stepsOfCall(call: Call, history: History): TokenStep[] {
  const { begin } = call;
  const late = restAfter(begin, history);
  const end = Math.min(call.end, late);
  const step = (apply: TokenStep['apply']): TokenStep[] => [{ begin, end, name: nameOf(call), apply }];
  switch (call.kind) {
    case 'visit':
    case 'redeem':
      return call.answer?.code ? step(machine.refuse(call.answer.code)) : [];
    case 'look':
      if (call.answer?.code) return step(machine.refuse(call.answer.code));
      return call.answer?.status === 200 ? step(machine.show) : [];
    case 'revoke':
      if (call.answer !== undefined) return step(machine.revoke(call.answer));
      return [
        {
          begin,
          end: late,
          name: nameOf(call),
          apply: machine.revokeSomehow,
          isOptional: true,
          effect: 'revoke',
        },
      ];
    case 'change':
      if (call.answer === 'done') return step(machine.change(call.to));
      if (call.answer) return step(machine.changeInVain(call.to, call.answer));
      return [{ begin, end: late, name: nameOf(call), apply: machine.change(call.to), isOptional: true }];
    case 'inspect': {
      if (!call.answer) return [];
      const { row, code } = call.answer;
      const isAsTheRow = code ? machine.refuse(code) : machine.show;
      return step((state) => {
        const seen = machine.read(row)(state);
        return typeof seen === 'string' || (!row && seen.isStored) ? seen : isAsTheRow(seen);
      });
    }
  }
}

function stepsOfLogged(use: Use, history: History): TokenStep[] {
  const { call, run, log } = use;
  if (call.kind === 'redeem')
    return log ? [taken(use, Math.min(call.end, restAfter(call.begin, history)))] : [];
  const isGivenBack = log?.outcome === 'released';
  if (!run) {
    if (isGivenBack && !use.isLeft) return perhapsTaken(use, history);
    if (!log) return [];
  }
  // Before its handler ran; else however late, since its answer may have been lost.
  const steps = [taken(use, run ? run.beganAt : restAfter(call.begin, history))];
  if (isGivenBack) steps.push(givenBack(call, endOf(use, history), history));
  return steps;
}

/** From when on a use may have been given back. */
function endOf({ call, run, isLeft, abandonedFrom }: Use, { leftPending }: History): number {
  if (isLeft) return leftPending.givenBackAt;
  if (run?.ended?.isSuccess === false) return run.ended.at;
  return Math.max(run?.beganAt ?? call.begin, abandonedFrom ?? 0);
}

function stepsOfUnlogged(use: Use, history: History): TokenStep[] {
  const { call, run } = use;
  if (!run) return call.answer?.code ? [] : perhapsTaken(use, history);
  const steps = [taken(use, run.beganAt)];
  // It stays taken if the database is lost meanwhile.
  if (run.ended?.isSuccess === false) {
    steps.push({ ...givenBack(call, run.ended.at, history), isOptional: true, effect: 'give back perhaps' });
  }
  return steps;
}

/** Nobody saw the use, and it has not been kept for anything. */
function perhapsTaken(use: Use, history: History): TokenStep[] {
  const { call } = use;
  const take = { ...taken(use, restAfter(call.begin, history)), isOptional: true, effect: 'take perhaps' };
  const end = { ...givenBack(call, call.begin, history), isOptional: true, effect: 'take back', after: take };
  return [take, end];
}

const taken = ({ call, isInTime }: Use, end: number): TokenStep => ({
  begin: call.begin,
  end,
  name: nameOf(call),
  apply: isInTime ? machine.takeInTime : machine.take,
  effect: 'take',
});

const givenBack = (call: Call, begin: number, history: History): TokenStep => ({
  begin,
  end: restAfter(begin, history),
  name: `${nameOf(call)}, its end`,
  apply: machine.giveBack,
  effect: 'give back',
});

/** What was begun before is done by then. */
const restAfter = (moment: number, { rests }: History): number =>
  Math.min(...rests.filter((rest) => rest >= moment));
