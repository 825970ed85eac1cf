import { describe, expect, it } from '@jest/globals';
import { type HistoryOptions, makeHistory } from './driver/make-history.js';
import { check } from './model/checker.js';

const { seed } = JSON.parse(process.env.HISTORY_OPTIONS!) as HistoryOptions;

const SECONDS = 8;
const MARGIN_MS = 180_000;

/** The faults of app/plants, and what has to be said of a token that each befalls. */
const PLANTED: [plant: string, says: RegExp][] = [
  ['count-after-handler', /it ran without a log row/],
  ['count-after-handler', /taken although (\d+) of \1 uses are taken/],
  ['leave-out-revocation', /taken although it is revoked/],
];

describe('A fault that is planted into the app is found', () => {
  const problems = new Map<string, string[]>();
  const problemsOf = async (plant: string) => {
    if (!problems.has(plant)) {
      const size = { processes: 2, tokens: 4, hasTroubles: false };
      const { history } = await makeHistory({ ...size, seconds: SECONDS, seed, plant });
      problems.set(
        plant,
        check(history).flatMap((finding) => finding.problems),
      );
    }
    return problems.get(plant)!;
  };

  it.each(PLANTED)(
    '%s: %s',
    async (plant, says) => {
      expect(await problemsOf(plant)).toContainEqual(expect.stringMatching(says));
    },
    SECONDS * 1_000 + MARGIN_MS,
  );
});
