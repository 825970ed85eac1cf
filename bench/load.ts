import { Client, type Dispatcher } from 'undici';
import { percentile } from './statistics.js';

/** What a browser sends with a click on a link. */
const BROWSER_HEADERS = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language': 'en-US,en;q=0.5',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Upgrade-Insecure-Requests': '1',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-User': '?1',
  Priority: 'u=0, i',
};

export interface LoadResult {
  seconds: number;
  /** Milliseconds. */
  p99: number;
}

/** Connections to a server, all of them open. */
export class Connections {
  private constructor(private readonly clients: Client[]) {}

  /** @param path of a route that is good for nothing else than to open a connection */
  static async open(origins: readonly string[], count: number, path: string): Promise<Connections> {
    const clients = Array.from({ length: count }, (_, i) => new Client(origins[i % origins.length]));
    const connections = new Connections(clients);
    for (const answer of await connections.race(path)) assertOk(answer);
    return connections;
  }

  /**
   * Asks for every path once, each connection for the next one as soon as it has its answer.
   *
   * @throws Error if an answer is not 200: what is refused quickly would be measured as speed
   */
  async load(paths: readonly string[]): Promise<LoadResult> {
    const latencies = new Float64Array(paths.length);
    let next = 0;
    const start = performance.now();
    await Promise.all(
      this.clients.map(async (client) => {
        while (next < paths.length) {
          const index = next++;
          const sent = performance.now();
          assertOk(await get(client, paths[index]));
          latencies[index] = performance.now() - sent;
        }
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    return { seconds, p99: percentile(latencies, 0.99) };
  }

  /** Sends one request over each connection, all at the same time. */
  race(path: string): Promise<Answer[]> {
    return Promise.all(this.clients.map((client) => get(client, path)));
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }
}

export interface Answer {
  status: number;
  text: string;
}

/** With the lowest interface of undici: the load generator shares the cores with what it measures. */
function get(client: Client, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: 0, text: '' };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status) => void (answer.status = status),
      onResponseData: (_controller, chunk) => void (answer.text += chunk.toString()),
      onResponseEnd: () => resolve(answer),
      onResponseError: (_controller, error) => reject(error),
    };
    client.dispatch({ path, method: 'GET', headers: BROWSER_HEADERS }, handler);
  });
}

function assertOk({ status, text }: Answer): void {
  if (status !== 200) throw new Error(`A request was answered with ${status}: ${text}`);
}
