import type { History, TokenHistory } from './history.js';
import { keyOf, type TokenState } from './machine.js';
import { findOrder } from './order.js';
import { brokenRules } from './rules.js';
import { stepsOf } from './steps.js';
import { factsOf } from './token-kinds.js';

/** A token whose history the contract does not allow. */
export interface Finding {
  token: TokenHistory;
  problems: string[];
}

/**
 * Holds a history against the contract, token by token. Its calls have to be explained by a sequential machine: one
 * that does everything at once, at some moment while it was asked, and one after the other. So no use is taken of
 * which none is left, or after a revocation that had returned; nothing is refused that would have worked at
 * every moment; what was released works again; and the row is at the end as all this has left it.
 */
export function check(history: History): Finding[] {
  return history.tokens
    .map((token) => ({ token, problems: [...brokenRules(token, history), ...unexplained(token, history)] }))
    .filter(({ problems }) => problems.length > 0);
}

function unexplained(token: TokenHistory, history: History): string[] {
  const { kind, issued } = token;
  const { isStored } = factsOf(kind);
  const initial: TokenState = {
    hasRow: isStored,
    isStored,
    useCount: 0,
    maxUses: issued.maxUses,
    isRevoked: false,
    isExpired: false,
  };
  const verdict = findOrder(initial, stepsOf(token, history), keyOf);
  if (verdict === 'explained') return [];
  return [verdict === 'undecided' ? 'too many orders are possible to try them all' : verdict.problem];
}
