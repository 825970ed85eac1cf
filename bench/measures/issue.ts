import { alternate, calibrate } from '../rounds.js';
import { TOKEN_SUBJECTS, type TokenSubjectName } from '../subjects/subject.js';
import type { Measure } from './measure.js';
import { type Row, type Run, toRows } from './results.js';

const CONCURRENCIES = [1, 64];

/** Tokens for single mails: one at a time, and as in an app where many requests send one. */
export const issue: Measure = async ({ workbench, scale, say }) => {
  const processes = await workbench.startEach(TOKEN_SUBJECTS);
  const rows: Row[] = [];
  for (const concurrency of CONCURRENCIES) {
    const secondsOf = async (subject: TokenSubjectName, amount: number): Promise<number> => {
      const database = workbench.database(subject);
      await database.empty();
      await database.settleDown();
      return processes.get(subject)!.run('issue', amount, concurrency);
    };
    const amounts = new Map<TokenSubjectName, number>();
    for (const subject of TOKEN_SUBJECTS) {
      say(`issue, ${concurrency} at a time: ${subject} warms up`);
      const timed = (amount: number) => secondsOf(subject, amount);
      amounts.set(subject, await calibrate(scale.runSeconds, concurrency * 2, timed));
    }
    const runs = await alternate(TOKEN_SUBJECTS, scale.rounds, async (subject): Promise<Run> => {
      const amount = amounts.get(subject)!;
      const perSecond = amount / (await secondsOf(subject, amount));
      say(`issue, ${concurrency} at a time: ${subject} ${Math.round(perSecond)}/s`);
      return { perSecond };
    });
    rows.push(...toRows('issue', concurrency, runs, 'hand-written-atomic'));
  }
  return { rows };
};
