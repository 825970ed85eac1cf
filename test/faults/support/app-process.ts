import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../support/wait-for.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How a process ended: with an exit code, or by a signal. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of the app under fault. */
export class AppProcess {
  /** What it has written to stdout and stderr. */
  output = '';
  /** Where it listens, once it is ready. */
  address = '';
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = once(child, 'close');
  }

  /** @param app the folder of the app, below test/ */
  static spawn(env: Record<string, string>, app = 'faults/app'): AppProcess {
    const tether = new URL('../../support/die-with-parent.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--import', tether, `dist/test/${app}/main.js`], {
      cwd: root,
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
      stdio: 'pipe',
    });
    return new AppProcess(child);
  }

  /** Waits until it listens; fails with its output if it ends instead. */
  async ready(): Promise<void> {
    this.address = await waitFor(
      () => {
        if (this.hasEnded) throw new Error(`The app has ended: ${this.output}`);
        return this.announced;
      },
      () => `the app to listen. It wrote: ${this.output}`,
    );
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<ProcessEnd> {
    this.child.kill('SIGTERM');
    await waitFor(
      () => this.hasEnded || undefined,
      () => `the app to end. It wrote: ${this.output}`,
    );
    await this.ended;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private get announced(): string | undefined {
    return /^listening at (\S+)$/m.exec(this.output)?.[1];
  }
}
