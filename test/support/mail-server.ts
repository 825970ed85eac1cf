import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** An SMTP server that takes every mail. */
export class MailServer {
  readonly mails: Buffer[] = [];
  /** Called for each mail that has arrived, before the sender hears of it. */
  onMail?: (count: number) => unknown;
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onData: (stream, _session, callback) => {
        buffer(stream)
          .then(async (raw) => {
            this.mails.push(raw);
            await this.onMail?.(this.mails.length);
          })
          .then(() => callback(), callback);
      },
    });
    // A sender that is killed resets its connection.
    this.server.on('error', () => undefined);
  }

  static async start(): Promise<MailServer> {
    const mailServer = new MailServer();
    mailServer.server.listen(0, '127.0.0.1');
    await once(mailServer.server.server, 'listening');
    return mailServer;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
