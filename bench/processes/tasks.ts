import { createHmac } from 'node:crypto';
import { type Issuing, LIFETIME_DAYS, SCOPE, SECRET } from '../subjects/subject.js';

/** What a subject's process does when it is told to, beside answering requests. */
export class Tasks {
  constructor(private readonly issuing: Issuing) {}

  /** New tokens, for somebody else to use. */
  async tokens(amount: number): Promise<string[]> {
    const jwts: string[] = [];
    for await (const jwt of this.issuing.issueMany(newUsers(amount))) jwts.push(jwt);
    return jwts;
  }

  /** New tokens that have no row yet. */
  async deferredTokens(amount: number): Promise<string[]> {
    const jwts: string[] = [];
    for await (const jwt of this.issueDeferred(amount)) jwts.push(jwt);
    return jwts;
  }

  /**
   * Issues tokens one by one, so many at a time.
   *
   * @returns how many seconds it took
   */
  issue(amount: number, concurrency: number): Promise<number> {
    // Shared: whoever is done takes the next.
    const users = newUsers(amount);
    const one = async () => {
      for (const user of users) await this.issuing.issue(user);
    };
    return secondsOf(() => Promise.all(Array.from({ length: concurrency }, one)));
  }

  /** @returns how many seconds it took */
  issueMany(amount: number): Promise<number> {
    return secondsOf(async () => {
      let issued = 0;
      for await (const jwt of this.issuing.issueMany(newUsers(amount))) issued += jwt ? 1 : 0;
      if (issued !== amount) throw new Error(`${issued} of ${amount} tokens were issued`);
    });
  }

  /** @returns how many seconds it took */
  issueManyDeferred(amount: number): Promise<number> {
    return secondsOf(async () => {
      let issued = 0;
      for await (const jwt of this.issueDeferred(amount)) issued += jwt ? 1 : 0;
      if (issued !== amount) throw new Error(`${issued} of ${amount} tokens were issued`);
    });
  }

  /**
   * What nobody can do without: a signature for each token, over claims that are there already.
   *
   * @returns how many seconds it took
   */
  signPayloads(amount: number): Promise<number> {
    const payloads = Array.from({ length: amount }, (_, user) => payloadOf(user));
    return secondsOf(() => {
      let length = 0;
      for (const payload of payloads) {
        length += `${payload}.${createHmac('sha256', SECRET).update(payload).digest('base64url')}`.length;
      }
      return Promise.resolve(length);
    });
  }

  private issueDeferred(amount: number): AsyncIterable<string> {
    if (!this.issuing.issueManyDeferred) throw new Error('This subject has no deferred tokens');
    return this.issuing.issueManyDeferred(newUsers(amount));
  }

  /** Bytes in use on the heap at each of these counts, while the last of them is issued in one go. */
  async heapAfter(counts: number[]): Promise<number[]> {
    const heaps: number[] = [];
    let issued = 0;
    for await (const jwt of this.issuing.issueMany(newUsers(Math.max(...counts)))) {
      issued += jwt ? 1 : 0;
      if (counts.includes(issued)) heaps.push(usedHeap());
    }
    return heaps;
  }
}

function* newUsers(amount: number): Generator<string> {
  for (let user = 1; user <= amount; user++) yield String(user);
}

const HEADER = { alg: 'HS256', kid: '0123456789abcdef', typ: 'request-token+jwt' };

/** Of a token as the library's, up to the signature. */
function payloadOf(user: number): string {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    ...{ jti: '01a218fc-ccbf-7154-9ee3-df64ce4754bd', sub: SCOPE, aud: String(user), iat },
    ...{ exp: iat + LIFETIME_DAYS * 86_400, max: 1, mod: 'r', dfr: 1 },
  };
  return [HEADER, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function usedHeap(): number {
  if (!globalThis.gc) throw new Error('The heap can only be compared in a process with --expose-gc.');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
