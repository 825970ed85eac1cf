import { Connections } from '../load.js';
import { calibrate } from '../rounds.js';
import { median } from '../statistics.js';
import { PARAMETER, REDEEM_PATH, UNDECORATED_PATH } from '../subjects/subject.js';
import type { Measure } from './measure.js';

const CONNECTIONS = 32;

/** Links in the midst of years of tokens and attempts, beside the same in empty tables. */
export const bigTables: Measure = async ({ workbench, scale, say }) => {
  const database = workbench.database('library');
  const issuer = await workbench.start('library');
  const redeem = async (amount: number): Promise<number> => {
    const before = await database.uses();
    const tokens = await issuer.run('tokens', amount);
    await database.settleDown();
    const server = await workbench.startServer('library');
    const open = await Connections.open([server.origin], CONNECTIONS, UNDECORATED_PATH);
    const { seconds } = await open.load(tokens.map((token) => `${REDEEM_PATH}?${PARAMETER}=${token}`));
    await database.usesReach(before + amount);
    await open.close();
    await server.stop();
    return seconds;
  };
  await database.empty();
  const amount = await calibrate(scale.redeem.runSeconds, CONNECTIONS * 2, redeem);
  const ratesOf = async (what: string) => {
    const rates: number[] = [];
    for (let round = 0; round < scale.redeem.rounds; round++) {
      rates.push(amount / (await redeem(amount)));
      say(`bigTables: ${what} ${Math.round(rates[round])}/s`);
    }
    return median(rates);
  };
  const { tokens, logs } = scale.bigTables;
  await database.empty();
  const empty = await ratesOf('empty');
  say(`bigTables: fills the tables with ${tokens} tokens and ${logs} log rows`);
  await database.fill(tokens, logs);
  const full = await ratesOf('full');
  await database.empty();
  return { bigTables: { tokens, logs, shareOfEmpty: full / empty } };
};
