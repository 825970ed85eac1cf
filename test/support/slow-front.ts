import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A proxy that is there before its app, so that the app can know its own address; answers take their time. */
export class SlowFront {
  private appPort = 0;

  private constructor(private readonly server: Server) {}

  static async open(latencyMs: number): Promise<SlowFront> {
    const server = createServer();
    const front = new SlowFront(server);
    server.on('request', (incoming, outgoing) => {
      void setTimeout(latencyMs).then(() => {
        const { method, url: path, headers } = incoming;
        const forwarded = request({ host: '127.0.0.1', port: front.appPort, method, path, headers });
        incoming.pipe(forwarded);
        forwarded.on('response', (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        });
        forwarded.on('error', () => outgoing.destroy());
      });
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  leadTo(appPort: number): void {
    this.appPort = appPort;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
