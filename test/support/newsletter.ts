import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a browser sends with a click on a link. */
export const BROWSER_HEADERS = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language': 'en-US,en;q=0.5',
};

/** How a process ended: with an exit code, or by a signal. */
export interface NewsletterEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** A process of the built app, and a browser without JavaScript and cookies to visit it. */
export class Newsletter {
  /** What it has written to stdout and stderr, without colours. */
  output = '';
  private readonly ended: Promise<unknown>;
  private port?: number;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = once(child, 'close');
    // Written to when it has ended already; how it ended says more.
    child.stdin?.on('error', () => undefined);
  }

  /** Starts the app with exactly these variables, on a free port. `npm test` has built it. */
  static spawn(env: Record<string, string>): Newsletter {
    const tether = new URL('./die-with-parent.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--import', tether, 'dist/apps/newsletter/src/main.js'], {
      cwd: root,
      env: { PATH: process.env.PATH, NO_COLOR: '1', PORT: '0', ...env },
      stdio: 'pipe',
    });
    return new Newsletter(child);
  }

  /** Where it says that it can be reached. */
  get announced(): string | undefined {
    return /^Newsletter is ready at (\S+)$/m.exec(this.output)?.[1];
  }

  /** Waits until it is ready; fails with its output if it ends instead. */
  async ready(): Promise<void> {
    const announced = await waitFor(
      () => {
        if (this.hasEnded) throw new Error(`The app has ended: ${this.output}`);
        return this.announced;
      },
      () => `the app to be ready. It wrote: ${this.output}`,
    );
    this.port = Number(new URL(announced).port);
  }

  /** Waits until it ends by itself. */
  async end(): Promise<NewsletterEnd> {
    await waitFor(
      () => this.hasEnded || undefined,
      () => `the app to end. It wrote: ${this.output}`,
    );
    await this.ended;
    return { code: this.child.exitCode, signal: this.child.signalCode, output: this.output };
  }

  /** Waits until it takes no more connections. */
  async closed(): Promise<void> {
    await waitFor(
      async () => {
        const socket = connect(this.port!, '127.0.0.1');
        try {
          await once(socket, 'connect');
          return undefined;
        } catch {
          return true;
        } finally {
          socket.destroy();
        }
      },
      () => 'the app to take no more connections',
    );
  }

  /** Asks it to end, and waits until it has. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<NewsletterEnd> {
    this.child.kill(signal);
    return this.end();
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** The same path and query on this process, whatever host a link names. */
  addressOf(link: string): string {
    const { pathname, search } = new URL(link, 'http://localhost');
    return `http://127.0.0.1:${this.port}${pathname}${search}`;
  }

  async request(link: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.addressOf(link), { redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** As a browser does for a person. */
  open(link: string): Promise<Answer> {
    return this.request(link, { headers: BROWSER_HEADERS });
  }

  /** As a browser does when a form is sent. */
  submit(link: string, fields: Record<string, string> = {}): Promise<Answer> {
    return this.request(link, {
      method: 'POST',
      headers: BROWSER_HEADERS,
      body: new URLSearchParams(fields),
    });
  }

  /** Sends the mailing to whoever has not had it, and waits until that is done. */
  async sendMailing(): Promise<void> {
    await this.mailingSettled();
    const { status } = await this.submit('/mailings/spring-meetup/send');
    if (status !== 303) throw new Error(`Sending the mailing was answered with ${status}.`);
    await this.mailingSettled();
  }

  /** Waits until no process sends the mailing. */
  async mailingSettled(): Promise<void> {
    await waitFor(
      async () => {
        const { text } = await this.open('/mailings/spring-meetup');
        return text.includes('It is being sent') ? undefined : true;
      },
      () => 'the mailing to be sent',
    );
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
