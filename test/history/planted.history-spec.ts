import { describe, expect, it } from '@jest/globals';
import { type HistoryOptions, makeHistory } from './driver/make-history.js';
import { check } from './model/checker.js';

const { seed } = JSON.parse(process.env.HISTORY_OPTIONS!) as HistoryOptions;

const SIZE = { processes: 2, tokens: 4, seconds: 8, hasTroubles: false };

/** A busy machine does little in that time, and may need more of them. */
const MOST_ROUNDS = 5;
const ROUND_MS = 60_000;

/** The faults of app/plants, and what has to be said of tokens that each befalls. */
const PLANTED: [plant: string, says: RegExp[]][] = [
  ['count-after-handler', [/it ran without a log row/, /taken although (\d+) of \1 uses are taken/]],
  ['leave-out-revocation', [/taken although it is revoked/]],
  ['ask-revocations-once', [/taken although it is revoked/]],
];

describe('A fault that is planted into the app is found', () => {
  it.each(PLANTED)(
    '%s',
    async (plant, says) => {
      const problems: string[] = [];
      const isFound = (text: RegExp) => problems.some((problem) => text.test(problem));
      for (let round = 0; round < MOST_ROUNDS && !says.every(isFound); round++) {
        const { history } = await makeHistory({ ...SIZE, seed: seed + round, plant });
        problems.push(...check(history).flatMap((finding) => finding.problems));
      }
      for (const text of says) expect(problems).toContainEqual(expect.stringMatching(text));
    },
    MOST_ROUNDS * ROUND_MS,
  );
});
