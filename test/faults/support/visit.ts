import { randomUUID } from 'node:crypto';
import { type Agent, get, type IncomingMessage } from 'node:http';
import type { AppProcess } from './app-process.js';
import type { Link } from './links.js';

export interface VisitOptions {
  agent?: Agent;
  /** Whether the answer is read as it comes; else not before `read` is called. */
  reads?: boolean;
}

/** One request with a token, and what became of it. */
export class Visit {
  readonly id = randomUUID();
  /** Of the answer, once it has come in whole; never if the connection is cut or the client leaves. */
  status?: number;
  over = false;
  /** How long it took, once it is over. */
  milliseconds = 0;
  /** Resolves when there is nothing more to come, be it an answer or not. */
  readonly ended: Promise<void>;
  /** Resolves when the answer begins. */
  readonly answering: Promise<IncomingMessage>;
  private readonly request;

  constructor(
    readonly app: AppProcess,
    readonly link: Link,
    path: string,
    { agent, reads = true }: VisitOptions = {},
  ) {
    const address = `${app.address}/${path}?rt=${link.jwt}`;
    this.request = get(address, { agent: agent ?? false, headers: { 'User-Agent': this.id } });
    this.answering = new Promise((resolve) => this.request.once('response', resolve));
    this.ended = new Promise((resolve) => this.request.once('close', () => resolve()));
    const begun = Date.now();
    void this.ended.then(() => {
      this.over = true;
      this.milliseconds = Date.now() - begun;
    });
    this.request.on('error', () => undefined);
    this.request.once('response', (response) => {
      response.once('end', () => (this.status = response.statusCode)).on('error', () => undefined);
      if (reads) response.resume();
    });
  }

  /** Reads the answer to its end. */
  async read(): Promise<void> {
    (await this.answering).resume();
    await this.ended;
  }

  leave(): void {
    this.request.destroy();
  }
}

/** Visits a link and waits for the whole answer. */
export async function visit(app: AppProcess, link: Link, path = 'quick'): Promise<number | undefined> {
  const visit = new Visit(app, link, path);
  await visit.ended;
  return visit.status;
}

/** Visits links all at once. Gives each answer's status. */
export function visitAll(app: AppProcess, links: Link[], path?: string): Promise<(number | undefined)[]> {
  return Promise.all(links.map((link) => visit(app, link, path)));
}
