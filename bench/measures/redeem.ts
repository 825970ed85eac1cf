import { Connections, type LoadResult } from '../load.js';
import type { SubjectProcess } from '../processes/subject-process.js';
import { alternate, calibrate } from '../rounds.js';
import {
  PARAMETER,
  REDEEM_PATH,
  SUBJECTS,
  type SubjectName,
  TOKEN_SUBJECTS,
  type TokenSubjectName,
  UNDECORATED_PATH,
} from '../subjects/subject.js';
import type { Workbench } from '../workbench.js';
import type { Measure } from './measure.js';
import { type Row, type Run, toRows } from './results.js';

const CONNECTIONS = [32, 8, 1];

/** Of each subject, taking turns: two processes of the same code can differ by 8 %, for as long as they live. */
const SERVERS = 2;

/** Links that are opened for the first time, each good for one use. */
export const redeem: Measure = async ({ workbench, scale: { redeem: scale }, say }) => {
  const contest = await Contest.start(workbench);
  const rows: Row[] = [];
  for (const connections of CONNECTIONS) {
    const amounts = new Map<SubjectName, number>();
    for (const subject of SUBJECTS) {
      say(`redeem, ${connections} at a time: ${subject} warms up`);
      for (let server = 0; server < SERVERS; server++) {
        const timed = async (amount: number) =>
          (await contest.redeem(subject, server, amount, connections)).seconds;
        amounts.set(subject, await calibrate(scale.runSeconds, connections * 2, timed));
      }
    }
    const runs = await alternate(SUBJECTS, scale.rounds, async (subject, round): Promise<Run> => {
      const amount = amounts.get(subject)!;
      const { seconds, p99, settledSeconds } = await contest.redeem(
        subject,
        round % SERVERS,
        amount,
        connections,
      );
      say(`redeem, ${connections} at a time: ${subject} ${Math.round(amount / seconds)}/s`);
      return { perSecond: amount / seconds, p99, settled: settledSeconds && amount / settledSeconds };
    });
    rows.push(...toRows('redeem', connections, runs, 'bare'));
  }
  return { rows };
};

interface RedeemResult extends LoadResult {
  /** Until the last use was settled. */
  settledSeconds?: number;
}

class Contest {
  private constructor(
    private readonly workbench: Workbench,
    private readonly servers: readonly ReadonlyMap<SubjectName, SubjectProcess>[],
    /** Other processes, so that issuing leaves no traces in the servers. */
    private readonly issuers: ReadonlyMap<TokenSubjectName, SubjectProcess>,
  ) {}

  static async start(workbench: Workbench): Promise<Contest> {
    const servers = Array.from({ length: SERVERS }, () => workbench.startServers(SUBJECTS));
    return new Contest(workbench, await Promise.all(servers), await workbench.startEach(TOKEN_SUBJECTS));
  }

  async redeem(
    subject: SubjectName,
    server: number,
    amount: number,
    connections: number,
  ): Promise<RedeemResult> {
    // To the bare route the tokens of any other subject are as good as its own.
    const paths = await this.links(subject === 'bare' ? 'library' : subject, amount);
    const { origin } = this.servers[server].get(subject)!;
    const open = await Connections.open([origin], connections, UNDECORATED_PATH);
    const start = performance.now();
    const result = await open.load(paths);
    const settledSeconds = subject === 'bare' ? undefined : await this.settle(subject, amount, start);
    await open.close();
    return { ...result, settledSeconds };
  }

  private async links(subject: TokenSubjectName, amount: number): Promise<string[]> {
    const database = this.workbench.database(subject);
    await database.empty();
    const tokens = await this.issuers.get(subject)!.run('tokens', amount);
    await database.settleDown();
    return tokens.map((token) => `${REDEEM_PATH}?${PARAMETER}=${token}`);
  }

  private async settle(subject: TokenSubjectName, amount: number, start: number): Promise<number> {
    await this.workbench.database(subject).allUsed(amount);
    return (performance.now() - start) / 1000;
  }
}
