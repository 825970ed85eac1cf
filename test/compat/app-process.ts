import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { waitFor } from '../support/wait-for.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON, if it is. */
  json: unknown;
}

/** A process of the app, and whoever talks to it. */
export class AppProcess {
  output = '';
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = once(child, 'close');
  }

  static spawn(main: string, env: Record<string, string>): AppProcess {
    const tether = new URL('../support/die-with-parent.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--import', tether, main], {
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
      stdio: 'pipe',
    });
    return new AppProcess(child);
  }

  /** Waits until it listens; fails with its output if it ends instead. */
  async ready(): Promise<void> {
    await waitFor(
      () => {
        if (this.child.exitCode !== null || this.child.signalCode !== null) {
          throw new Error(`The app has ended: ${this.output}`);
        }
        return this.address;
      },
      () => `the app to listen. It wrote: ${this.output}`,
    );
  }

  private get address(): string | undefined {
    return /^listening at (\S+)$/m.exec(this.output)?.[1];
  }

  /** Path and query of a link on this process, whatever host it names. */
  async request(link: string, init: RequestInit = {}): Promise<Answer> {
    const { pathname, search } = new URL(link, 'http://localhost');
    const response = await fetch(`${this.address}${pathname}${search}`, { redirect: 'manual', ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as unknown) : undefined,
    };
  }

  /** As {@link request}, on a connection that is closed with the answer: a server waits for those kept alive. */
  requestAlone(link: string): Promise<number | undefined> {
    const { pathname, search } = new URL(link);
    return new Promise((resolve, reject) => {
      get(`${this.address}${pathname}${search}`, { agent: false }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      }).on('error', reject);
    });
  }

  /** Asks the desk of the app for something. */
  async ask<T>(what: string, body?: object): Promise<T> {
    const answer = await this.request(
      `/api/desk/${what}`,
      body && {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      },
    );
    if (answer.status >= 400) throw new Error(`${what}: ${answer.status} ${answer.text}\n${this.output}`);
    return answer.json as T;
  }

  /** As an orchestrator would. Gives its exit code, or the signal that it died of. */
  async stop(): Promise<number | string | null> {
    this.child.kill('SIGTERM');
    await this.ended;
    return this.child.exitCode ?? this.child.signalCode;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
