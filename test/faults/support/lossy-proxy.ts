import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between an app and PostgreSQL, and cuts connections at the moment when an answer is on its way: what
 * was asked for is done, and nobody knows.
 */
export class LossyProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private losesNext?: () => void;
  private lossRate = 0;

  private constructor(private readonly database: URL) {
    this.server = createServer((client) => this.serve(client));
  }

  static async start(databaseUrl: string): Promise<LossyProxy> {
    const proxy = new LossyProxy(new URL(databaseUrl));
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** Of the database, by way of this proxy. */
  get url(): string {
    const url = new URL(this.database);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Resolves when it has happened. */
  loseNextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.losesNext = resolve));
  }

  /** From now on, loses this share of all answers. */
  loseAnswers(rate: number): void {
    this.lossRate = rate;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.database.port || 5432), this.database.hostname);
    const cut = () => [client, upstream].forEach((socket) => socket.destroy());
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        cut();
        this.sockets.delete(socket);
      });
    }
    client.pipe(upstream);
    upstream.on('data', (answer) => {
      if (this.losesNext || Math.random() < this.lossRate) {
        this.losesNext?.();
        this.losesNext = undefined;
        cut();
      } else {
        client.write(answer);
      }
    });
  }
}
