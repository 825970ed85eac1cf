import type { Issuing } from '../subjects/subject.js';

/** What a subject's process does when it is told to, beside answering requests. */
export class Tasks {
  constructor(private readonly issuing: Issuing) {}

  /** New tokens, for somebody else to use. */
  async tokens(amount: number): Promise<string[]> {
    const jwts: string[] = [];
    for await (const jwt of this.issuing.issueMany(newUsers(amount))) jwts.push(jwt);
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
