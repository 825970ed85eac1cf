import { alternate } from '../rounds.js';
import { TOKEN_SUBJECTS } from '../subjects/subject.js';
import type { Measure } from './measure.js';
import { type Run, toRows } from './results.js';

/** Part of a run that is enough for V8 to have compiled what is hot. */
const WARM_UP_SHARE = 0.1;

/** Tokens for a mailing. */
export const issueMany: Measure = async ({ workbench, scale, say }) => {
  const processes = await workbench.startEach(TOKEN_SUBJECTS);
  for (const [subject, process] of processes) {
    say(`issueMany: ${subject} warms up`);
    await process.run('issueMany', scale.issueMany * WARM_UP_SHARE);
  }
  const runs = await alternate(TOKEN_SUBJECTS, scale.rounds, async (subject): Promise<Run> => {
    const database = workbench.database(subject);
    await database.empty();
    await database.settleDown();
    const perSecond = scale.issueMany / (await processes.get(subject)!.run('issueMany', scale.issueMany));
    say(`issueMany: ${subject} ${Math.round(perSecond)}/s`);
    return { perSecond };
  });
  return { rows: toRows('issueMany', 1, runs, 'hand-written-atomic') };
};
