import { describe, expect, it } from '@jest/globals';
import { type Figures, type HistoryOptions, makeHistory } from './driver/make-history.js';
import { check } from './model/checker.js';
import { print } from './model/print.js';

const { seconds, seed, ...size } = JSON.parse(process.env.HISTORY_OPTIONS!) as HistoryOptions;

/** A longer time is lived in rounds: so all histories fit into memory, and each round can be repeated by itself. */
const LONGEST_ROUND_S = 60;
const MARGIN_MS = 180_000;

const rounds = Array.from({ length: Math.ceil(seconds / LONGEST_ROUND_S) }, (_, index) => ({
  seed: seed + index,
  seconds: Math.min(LONGEST_ROUND_S, seconds - index * LONGEST_ROUND_S),
}));

/** At once: what Jest says at the end, nobody reads of a run that was ended before. */
function tell(
  { seed, seconds }: (typeof rounds)[number],
  { troubles, ...counts }: Figures,
  findings: number,
): void {
  const figures = Object.entries({ ...counts, ...troubles, findings }).map(
    ([name, count]) => `${name} ${count}`,
  );
  process.stdout.write(`seed ${seed}, ${seconds} s: ${figures.join(', ')}\n`);
}

describe('Whatever befalls processes and database, what they do to a token is what one after the other could do', () => {
  it.each(rounds)(
    'for $seconds s of seed $seed',
    async (round) => {
      const { history, figures } = await makeHistory({ ...size, ...round });
      const findings = check(history);
      tell(round, figures, findings.length);
      if (findings.length > 0) throw new Error(`Seed ${round.seed}:\n${print(findings, history)}`);
      // Else it has shown nothing.
      expect(figures.uses).toBeGreaterThan(0);
    },
    LONGEST_ROUND_S * 1_000 + MARGIN_MS,
  );
});
