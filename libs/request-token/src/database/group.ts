import { isAboutContent } from './database-errors.js';
import type { Deadline } from './deadline.js';

/** Carries out what was asked for together; its results are in the order of the items. */
export type RunGroup<Item, Result> = (items: Item[], deadline: Deadline) => Promise<Result[]>;

/** An item, and whoever waits for its result. */
export interface Asked<Item, Result> {
  item: Item;
  deadline: Deadline;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** Gives each its result, or its failure; if one of them spoils it for the others, each is run alone. Never fails. */
export async function runGroup<Item, Result>(
  run: RunGroup<Item, Result>,
  group: Asked<Item, Result>[],
): Promise<void> {
  try {
    const results = await run(
      group.map(({ item }) => item),
      group.reduce((first, { deadline }) => Math.min(first, deadline), Infinity),
    );
    group.forEach(({ resolve }, index) => resolve(results[index]));
  } catch (error) {
    if (group.length > 1 && isAboutContent(error)) {
      for (const asked of group) await runGroup(run, [asked]);
    } else {
      for (const { reject } of group) reject(error);
    }
  }
}

/** Part of its time that an item may wait for its turn; the rest is for its statement. */
const WAITING_SHARE = 0.75;

/** When there is not enough time left for an item to be sent. */
export const latestTurn = (deadline: Deadline): Deadline =>
  deadline - (deadline - performance.now()) * (1 - WAITING_SHARE);
