import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The two ways of a connection, as its client sees them. */
export type Way = 'requests' | 'answers';

/** What happens to a connection when something is about to come by. */
export type Trouble = (connection: ProxiedConnection) => void;

interface Rule {
  way: Way;
  /** Probability. */
  rate: number;
  text: string | Buffer;
  trouble: Trouble;
}

/**
 * Stands between an app and PostgreSQL. By itself it changes nothing; tests tell it when connections get into
 * trouble, and which.
 */
export class DatabaseProxy {
  readonly connections = new Set<ProxiedConnection>();
  private readonly rules = new Set<Rule>();
  private readonly server: Server;

  private constructor(private database: URL) {
    this.server = createServer((client) => this.serve(client));
  }

  static async start(databaseUrl: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new URL(databaseUrl));
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** Of the database, by way of this proxy. */
  get url(): string {
    const url = new URL(this.database);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Where connections lead that are made from now on. */
  leadTo(databaseUrl: string): void {
    this.database = new URL(databaseUrl);
  }

  /**
   * Makes trouble once, when the next request (or answer) comes by that has this text in it: the id of a token,
   * say. Resolves when it has happened.
   */
  once(way: Way, text: string | Buffer, trouble: Trouble): Promise<ProxiedConnection> {
    return new Promise((resolve) => {
      const rule: Rule = {
        way,
        rate: 1,
        text,
        trouble: (connection) => {
          this.rules.delete(rule);
          trouble(connection);
          resolve(connection);
        },
      };
      this.rules.add(rule);
    });
  }

  /** Makes trouble again and again, for this share of all requests (or answers) with the text, until it is told to stop. */
  often(way: Way, text: string | Buffer, trouble: Trouble, rate = 1): { stop: () => void } {
    const rule: Rule = { way, rate, text, trouble };
    this.rules.add(rule);
    return { stop: () => void this.rules.delete(rule) };
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const connection of this.connections) connection.cut();
    await closed;
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.database.port || 5432), this.database.hostname);
    const connection = new ProxiedConnection(client, upstream, (way, chunk) => {
      // A copy: rules that come of trouble are for what comes later.
      for (const { trouble, ...rule } of [...this.rules]) {
        if (rule.way === way && chunk.includes(rule.text) && Math.random() < rule.rate) trouble(connection);
      }
    });
    this.connections.add(connection);
    for (const socket of [client, upstream]) {
      socket.once('close', () => {
        if (client.destroyed && upstream.destroyed) this.connections.delete(connection);
      });
    }
  }
}

export class ProxiedConnection {
  private readonly lanes: Record<Way, Lane>;

  constructor(
    private readonly client: Socket,
    private readonly upstream: Socket,
    onChunk: (way: Way, chunk: Buffer) => void,
  ) {
    this.lanes = {
      requests: new Lane(client, upstream, (chunk) => onChunk('requests', chunk)),
      answers: new Lane(upstream, client, (chunk) => onChunk('answers', chunk)),
    };
  }

  /** From now on nothing comes through, either way, and nobody is told: not even of an end. */
  silence(): void {
    this.hold('requests');
    this.hold('answers');
  }

  /** What goes this way waits until it is released. */
  hold(way: Way): void {
    this.lanes[way].hold();
  }

  /** What was held arrives late, even if its sender has gone. */
  release(way: Way): void {
    this.lanes[way].release();
  }

  cut(): void {
    this.client.destroy();
    this.upstream.destroy();
  }
}

/** One way of a connection. */
class Lane {
  private readonly waiting: (() => void)[] = [];
  private isHeld = false;

  constructor(source: Socket, target: Socket, onChunk: (chunk: Buffer) => void) {
    source
      .on('data', (chunk: Buffer) => {
        onChunk(chunk);
        this.pass(() => target.write(chunk));
      })
      // What was written before is sent first.
      .on('close', () => this.pass(() => target.destroySoon()))
      .on('error', () => undefined);
  }

  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    for (const pass of this.waiting.splice(0)) pass();
  }

  private pass(pass: () => void): void {
    if (this.isHeld) this.waiting.push(pass);
    else pass();
  }
}
