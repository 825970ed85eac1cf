import { Connections } from '../load.js';
import { alternate, calibrate } from '../rounds.js';
import { UNDECORATED_PATH } from '../subjects/subject.js';
import type { Measure } from './measure.js';
import { type Run, toRows } from './results.js';

const CONNECTIONS = 32;
const CONTESTANTS = ['bare', 'library'] as const;

/** What the routes without tokens lose. */
export const undecorated: Measure = async ({ workbench, scale: { undecorated: scale }, say }) => {
  const open = new Map<string, Connections>();
  const amounts = new Map<string, number>();
  for (const [subject, { origin }] of await workbench.startServers(CONTESTANTS)) {
    say(`undecorated: ${subject} warms up`);
    const connections = await Connections.open([origin], CONNECTIONS, UNDECORATED_PATH);
    const timed = async (amount: number) => (await connections.load(paths(amount))).seconds;
    amounts.set(subject, await calibrate(scale.runSeconds, CONNECTIONS, timed));
    open.set(subject, connections);
  }
  const runs = await alternate(CONTESTANTS, scale.rounds, async (subject): Promise<Run> => {
    const amount = amounts.get(subject)!;
    const { seconds, p99 } = await open.get(subject)!.load(paths(amount));
    say(`undecorated: ${subject} ${Math.round(amount / seconds)}/s`);
    return { perSecond: amount / seconds, p99 };
  });
  await Promise.all([...open.values()].map((connections) => connections.close()));
  return { rows: toRows('undecorated', CONNECTIONS, runs, 'bare') };
};

const paths = (amount: number): string[] => Array.from({ length: amount }, () => UNDECORATED_PATH);
