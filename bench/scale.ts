/** How much is measured. */
export interface Scale {
  /** Rounds in which the subjects alternate. */
  rounds: number;
  /** How long one run should take. */
  runSeconds: number;
  /** More rounds, since these figures are the noisiest. */
  redeem: { rounds: number; runSeconds: number };
  /** Many short rounds: what a route loses that is not decorated is about as small as the noise. */
  undecorated: { rounds: number; runSeconds: number };
  issueMany: number;
  /** What is in the tables already. */
  bigTables: { tokens: number; logs: number };
  /** After how many tokens the heap is looked at. */
  heapAfter: [number, number];
  races: number;
}

export function scaleOf({ quick, rounds }: { quick: boolean; rounds: number }): Scale {
  return quick
    ? {
        rounds,
        runSeconds: 0.05,
        redeem: { rounds, runSeconds: 0.05 },
        undecorated: { rounds, runSeconds: 0.05 },
        issueMany: 1_000,
        bigTables: { tokens: 1_000, logs: 2_000 },
        heapAfter: [500, 2_000],
        races: 2,
      }
    : {
        rounds,
        runSeconds: 2.5,
        redeem: { rounds: rounds * 2, runSeconds: 1.5 },
        undecorated: { rounds: rounds * 3, runSeconds: 1 },
        issueMany: 100_000,
        bigTables: { tokens: 10_000_000, logs: 20_000_000 },
        heapAfter: [10_000, 1_000_000],
        races: 10,
      };
}
