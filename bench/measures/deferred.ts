import { Connections } from '../load.js';
import { alternate, calibrate } from '../rounds.js';
import { median } from '../statistics.js';
import { PARAMETER, REDEEM_PATH, UNDECORATED_PATH } from '../subjects/subject.js';
import type { Measure } from './measure.js';

const WARM_UP_SHARE = 0.1;
const CONNECTIONS = 32;
const SUBJECTS = ['bare', 'library'] as const;
const TASKS = ['issueMany', 'issueManyDeferred', 'signPayloads'] as const;

/** Tokens that are written when they are used: to issue them, beside stored ones and bare HMACs, and their first use. */
export const deferred: Measure = async ({ workbench, scale, say }) => {
  const issuer = await workbench.start('library');
  const database = workbench.database('library');
  for (const task of TASKS) await issuer.run(task, scale.issueMany * WARM_UP_SHARE);
  const rates = await alternate(TASKS, scale.rounds, async (task) => {
    await database.empty();
    await database.settleDown();
    const perSecond = scale.issueMany / (await issuer.run(task, scale.issueMany));
    say(`deferred: ${task} ${Math.round(perSecond)}/s`);
    return perSecond;
  });
  const rate = (task: (typeof TASKS)[number]) => median(rates.get(task)!);

  const servers = await workbench.startServers(SUBJECTS);
  const redeem = async (subject: (typeof SUBJECTS)[number], amount: number): Promise<number> => {
    await database.empty();
    // A table is empty on the first day only, and what PostgreSQL plans for an empty one is not kept.
    await issuer.run('issueMany', amount);
    const tokens = await issuer.run('deferredTokens', amount);
    await database.settleDown();
    const open = await Connections.open([servers.get(subject)!.origin], CONNECTIONS, UNDECORATED_PATH);
    const { seconds } = await open.load(tokens.map((token) => `${REDEEM_PATH}?${PARAMETER}=${token}`));
    if (subject === 'library') await database.allUsed(amount);
    await open.close();
    return seconds;
  };
  const amounts = new Map<string, number>();
  for (const subject of SUBJECTS) {
    const timed = (amount: number) => redeem(subject, amount);
    amounts.set(subject, await calibrate(scale.redeem.runSeconds, CONNECTIONS * 2, timed));
  }
  const redeemed = await alternate(SUBJECTS, scale.redeem.rounds, async (subject) => {
    const amount = amounts.get(subject)!;
    const perSecond = amount / (await redeem(subject, amount));
    say(`deferred, first use: ${subject} ${Math.round(perSecond)}/s`);
    return perSecond;
  });
  return {
    deferred: {
      issuedPerSecond: rate('issueManyDeferred'),
      timesStored: rate('issueManyDeferred') / rate('issueMany'),
      shareOfHmac: rate('issueManyDeferred') / rate('signPayloads'),
      firstUseShareOfBare: median(redeemed.get('library')!) / median(redeemed.get('bare')!),
    },
  };
};
