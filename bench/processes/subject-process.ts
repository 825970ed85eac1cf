import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SubjectName } from '../subjects/subject.js';
import type { Command, Report, ResultOf } from './protocol.js';

const main = fileURLToPath(new URL('./subject-main.js', import.meta.url));

/**
 * While a subject waits for its turn, it is idle, as a server under load never is. V8 would shrink its heap then,
 * and grow it again during its next run, with a garbage collection for each step.
 */
const KEEP_HEAP = '--no-memory-reducer';

/** A process of a subject, as its parent sees it. It does one task at a time. */
export class SubjectProcess {
  private readonly ended: Promise<never>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly subject: SubjectName,
  ) {
    this.ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`The process of ${subject} has ended (${String(signal ?? `exit code ${code}`)}).`);
    });
    // Whoever waits for an answer hears of it; nobody else has to.
    this.ended.catch(() => undefined);
  }

  origin = '';

  static async start(
    subject: SubjectName,
    databaseUrl: string,
    nodeOptions: readonly string[],
  ): Promise<SubjectProcess> {
    const child = fork(main, [subject], {
      execArgv: [KEEP_HEAP, ...nodeOptions],
      // Nothing of our own environment, where a NODE_OPTIONS or PGOPTIONS would have its say.
      env: { PATH: process.env.PATH, NODE_ENV: 'production', DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const subjectProcess = new SubjectProcess(child, subject);
    const report = await subjectProcess.nextReport();
    if ('port' in report) subjectProcess.origin = `http://127.0.0.1:${report.port}`;
    return subjectProcess;
  }

  async run<Name extends Command['task']>(
    task: Name,
    ...args: Extract<Command, { task: Name }>['args']
  ): Promise<ResultOf<Name>> {
    const reported = this.nextReport();
    this.child.send({ task, args });
    const report = await reported;
    if ('error' in report) throw new Error(`${this.subject}: ${report.error}`);
    return ('result' in report ? report.result : undefined) as ResultOf<Name>;
  }

  /** Ends it in an orderly way, so that a profile is written. */
  async stop(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended.catch(() => undefined);
  }

  private async nextReport(): Promise<Report> {
    const [report] = (await Promise.race([once(this.child, 'message'), this.ended])) as [Report];
    return report;
  }
}
