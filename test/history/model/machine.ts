import type { RowFacts } from './history.js';

/** One token as the contract has it: everything happens at once, and one after the other. */
export interface TokenState extends RowFacts {
  hasRow: boolean;
  /** Of a token that is revoked without its row, or while that is being written, the row does not say so. */
  isStored: boolean;
}

/** What follows from a state; a text says why it cannot happen there. */
export type Transition = (state: TokenState) => TokenState | string;

export const take: Transition = (state) => {
  const code = problemOf(state);
  return code === undefined
    ? { ...state, hasRow: true, useCount: state.useCount + 1 }
    : `taken although ${describe(state)}`;
};

/**
 * A use that was asked for before a revocation had returned. Of a token whose row is only being written, whoever
 * asks meanwhile may hear of the revocation before the use.
 */
export const takeInTime: Transition = (state) => {
  if (state.isStored || !state.isRevoked) return take(state);
  const taken = take({ ...state, isRevoked: false });
  return typeof taken === 'string' ? taken : { ...taken, isRevoked: true };
};

export const writeRow: Transition = (state) => (state.hasRow ? state : { ...state, hasRow: true });

export const giveBack: Transition = (state) =>
  state.useCount > 0 ? { ...state, useCount: state.useCount - 1 } : 'given back although no use is taken';

export const refuse =
  (code: string): Transition =>
  (state) =>
    problemOf(state) === code ? state : `refused as ${code} although ${describe(state)}`;

export const show: Transition = (state) =>
  problemOf(state) === undefined ? state : `shown although ${describe(state)}`;

export const revoke =
  (revoked: number): Transition =>
  (state) => {
    // Nobody can count tokens that have no row.
    if (!state.isStored) return { ...state, isRevoked: true };
    if (state.isRevoked !== (revoked === 0)) return `${revoked} revoked although ${describe(state)}`;
    return revoked === 0 ? state : { ...state, isRevoked: true };
  };

export const revokeSomehow: Transition = (state) => (state.isRevoked ? state : { ...state, isRevoked: true });

export const change =
  (to: Partial<RowFacts>): Transition =>
  (state) => {
    if (!state.hasRow) return 'changed although there is no row';
    const changed = { ...state, ...to };
    return isOverused(changed) ? `changed although ${describe(state)}` : changed;
  };

export const changeInVain =
  (to: Partial<RowFacts>, answer: 'refused' | 'nothing'): Transition =>
  (state) => {
    const isRight = answer === 'nothing' ? !state.hasRow : state.hasRow && isOverused({ ...state, ...to });
    return isRight ? state : `the change came to ${answer} although ${describe(state)}`;
  };

/** Somebody has read the row. */
export const read =
  (row: RowFacts | null | undefined): Transition =>
  (state) => {
    if (!row) return state.hasRow ? `no row although ${describe(state)}` : state;
    return state.hasRow && FACTS.every((name) => row[name] === state[name] || isUntold(name, row, state))
      ? state
      : `the row says that ${describe(row)}, although ${describe(state)}`;
  };

const isUntold = (name: keyof RowFacts, row: RowFacts, { isStored, isRevoked }: TokenState): boolean =>
  name === 'isRevoked' && !isStored && isRevoked && !row.isRevoked;

export const keyOf = (state: TokenState): string =>
  `${state.hasRow} ${FACTS.map((name) => state[name]).join(' ')}`;

const FACTS = ['useCount', 'maxUses', 'isRevoked', 'isExpired'] as const;

/** Why no use can be taken: the code that the first of several reasons has. */
function problemOf(state: RowFacts): string | undefined {
  if (state.isRevoked) return 'token_revoked';
  if (state.isExpired) return 'token_expired';
  return isUsedUp(state) ? 'token_exhausted' : undefined;
}

const isUsedUp = ({ useCount, maxUses }: RowFacts): boolean => maxUses !== null && useCount >= maxUses;

const isOverused = ({ useCount, maxUses }: RowFacts): boolean => maxUses !== null && useCount > maxUses;

function describe({ useCount, maxUses, isRevoked, isExpired }: RowFacts): string {
  const ends = [isRevoked && 'it is revoked', isExpired && 'it is expired'].filter((end) => end !== false);
  return [...ends, `${useCount} of ${maxUses ?? 'any number of'} uses are taken`].join(' and ');
}
