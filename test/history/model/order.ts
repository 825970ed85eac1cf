/** Something that happened at once, at some moment between two. */
export interface Step<State> {
  begin: number;
  end: number;
  /** For people. */
  name: string;
  /** Whether it may have happened, or may not. */
  isOptional?: boolean;
  /** Only what has happened before. */
  after?: Step<State>;
  /** Steps of one effect have one name for it; it does not matter then which of them is which. */
  effect?: string;
  /** @returns the state that follows, the same one if nothing is changed; or why it cannot happen there */
  apply: (state: State) => State | string;
}

/** An order was found; or it is certain that there is none, and why; or there were too many to try. */
export type Verdict = 'explained' | 'undecided' | { problem: string };

/** Most states that are looked at. */
const MOST_STATES = 500_000;

/**
 * Looks for an order in which all steps could have happened, each between its begin and its end: the history of
 * something that does one thing after the other (Wing and Gong, 1993; Lowe, 2017, for what has been tried already).
 */
export function findOrder<State>(
  initial: State,
  steps: readonly Step<State>[],
  keyOf: (state: State) => string,
): Verdict {
  const search = new Search(steps, keyOf);
  if (search.leadsToEnd(initial, 0n)) return 'explained';
  return search.isExhausted ? 'undecided' : { problem: search.problem };
}

class Search<State> {
  problem = 'nothing can be first';
  private furthest = -1;
  private readonly tried = new Set<string>();
  private readonly steps: readonly Step<State>[];
  private readonly bits: ReadonlyMap<Step<State>, bigint>;

  constructor(
    steps: readonly Step<State>[],
    private readonly keyOf: (state: State) => string,
  ) {
    // What has to be over first is tried first.
    this.steps = [...steps].sort((one, other) => one.end - other.end || one.begin - other.begin);
    this.bits = new Map(this.steps.map((step, index) => [step, 1n << BigInt(index)]));
  }

  get isExhausted(): boolean {
    return this.tried.size >= MOST_STATES;
  }

  /** @param done what has happened, or been passed over */
  leadsToEnd(state: State, done: bigint): boolean {
    done = this.withReads(state, done);
    const key = `${done.toString(36)} ${this.keyOf(state)}`;
    if (this.tried.has(key) || this.isExhausted) return false;
    this.tried.add(key);

    const left = this.left(done);
    if (left.every(({ isOptional }) => isOptional)) return true;
    const problems: string[] = [];
    const effects = new Set<string>();
    for (const step of this.possible(left, done)) {
      if (step.effect !== undefined && effects.has(step.effect)) continue;
      if (step.effect !== undefined) effects.add(step.effect);
      const next = step.apply(state);
      if (typeof next === 'string') {
        if (!step.isOptional) problems.push(`${step.name}: ${next}`);
      } else if (next !== state && this.leadsToEnd(next, done | this.bits.get(step)!)) return true;
    }
    this.remember(done, problems);
    return left[0].isOptional === true && this.leadsToEnd(state, this.without(left[0], done));
  }

  /** What only looks, and finds what it has seen, can be done with at once: that never does any harm. */
  private withReads(state: State, done: bigint): bigint {
    for (;;) {
      const possible = this.possible(this.left(done), done);
      const read = possible.find((step) => !step.isOptional && step.apply(state) === state);
      if (!read) return done;
      done |= this.bits.get(read)!;
    }
  }

  private left(done: bigint): Step<State>[] {
    return this.steps.filter((step) => !this.isIn(done, step));
  }

  /** What can be next: nothing that is left had ended before it began. */
  private possible(left: Step<State>[], done: bigint): Step<State>[] {
    return left.filter(
      ({ begin, after }) => begin <= left[0].end && (after === undefined || this.isIn(done, after)),
    );
  }

  /** It has not happened, and with it nothing that could only come after it. */
  private without(step: Step<State>, done: bigint): bigint {
    const those = this.steps.filter((one) => one === step || one.after === step);
    return those.reduce((mask, one) => mask | this.bits.get(one)!, done);
  }

  /** The longest way tells most. */
  private remember(done: bigint, [problem]: string[]): void {
    const length = this.steps.filter((step) => !step.isOptional && this.isIn(done, step)).length;
    if (length <= this.furthest || problem === undefined) return;
    this.furthest = length;
    this.problem = problem;
  }

  private isIn(done: bigint, step: Step<State>): boolean {
    return (done & this.bits.get(step)!) !== 0n;
  }
}
