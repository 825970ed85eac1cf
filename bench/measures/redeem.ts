import { Connections } from '../load.js';
import { SubjectProcess } from '../processes/subject-process.js';
import { alternate, calibrate } from '../rounds.js';
import { PARAMETER, REDEEM_PATH, SUBJECTS, type SubjectName, UNDECORATED_PATH } from '../subjects/subject.js';
import type { Workbench } from '../workbench.js';
import type { Measure } from './measure.js';
import { type Row, type Run, toRows } from './results.js';

const CONNECTIONS = [32, 8, 1];

/** Links that are opened for the first time, each good for one use. */
export const redeem: Measure = async ({ workbench, scale, say }) => {
  const contestants = new Map<SubjectName, Contestant>();
  for (const subject of SUBJECTS) contestants.set(subject, await Contestant.start(workbench, subject));
  const rows: Row[] = [];
  for (const connections of CONNECTIONS) {
    const amounts = new Map<SubjectName, number>();
    for (const [subject, contestant] of contestants) {
      say(`redeem, ${connections} connections: ${subject} warms up`);
      const timed = async (amount: number) => (await contestant.redeem(amount, connections)).seconds;
      amounts.set(subject, await calibrate(scale.runSeconds, connections * 2, timed));
    }
    const runs = await alternate(SUBJECTS, scale.rounds, async (subject): Promise<Run> => {
      const amount = amounts.get(subject)!;
      const { seconds, settledSeconds, p99 } = await contestants.get(subject)!.redeem(amount, connections);
      say(`redeem, ${connections} connections: ${subject} ${Math.round(amount / seconds)}/s`);
      return { perSecond: amount / seconds, settled: amount / settledSeconds, p99 };
    });
    rows.push(...toRows('redeem', connections, runs, 'bare'));
  }
  return { rows };
};

class Contestant {
  private constructor(
    private readonly workbench: Workbench,
    private readonly subject: SubjectName,
    private readonly server: SubjectProcess,
    /** Another process, so that issuing leaves no traces in the server. */
    private readonly issuer: SubjectProcess,
  ) {}

  static async start(workbench: Workbench, subject: SubjectName): Promise<Contestant> {
    const server = await workbench.startServer(subject);
    // To the bare route the tokens of any other subject are as good as its own.
    const issuer = await workbench.start(subject === 'bare' ? 'library' : subject);
    return new Contestant(workbench, subject, server, issuer);
  }

  async redeem(amount: number, connections: number) {
    const issuing = this.workbench.database(this.subject === 'bare' ? 'library' : this.subject);
    await issuing.empty();
    const tokens = await this.issuer.run('tokens', amount);
    await issuing.settleDown();
    const open = await Connections.open([this.server.origin], connections, UNDECORATED_PATH);
    const start = performance.now();
    const result = await open.load(tokens.map((token) => `${REDEEM_PATH}?${PARAMETER}=${token}`));
    if (this.subject !== 'bare') await issuing.allUsed(amount);
    const settledSeconds = (performance.now() - start) / 1000;
    await open.close();
    return { ...result, settledSeconds };
  }
}
