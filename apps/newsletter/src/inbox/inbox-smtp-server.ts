import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { AppConfig } from '../config/app-config.js';
import { InboxService } from './inbox.service.js';

const MAX_MAIL_BYTES = 10 * 1024 * 1024;

/** Takes the mails of this app when there is no SMTP_URL, so that it can be tried without a mail server. */
@Injectable()
export class InboxSmtpServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Inbox');
  private readonly server: SMTPServer;

  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxService,
  ) {
    this.server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      size: MAX_MAIL_BYTES,
      closeTimeout: 1000,
      onData: (stream, _session, callback) => {
        this.receive(stream).then(() => callback(), callback);
      },
    });
    this.server.on('error', (error) => this.logger.warn(error.message));
  }

  /** Where it listens: on loopback, at whatever port was free. */
  get address(): { host: string; port: number } {
    const { address, port } = this.server.server.address() as AddressInfo;
    return { host: address, port };
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.SMTP_URL) return;
    this.server.listen(0, '127.0.0.1');
    await once(this.server.server, 'listening');
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.server.server.listening) return;
    await new Promise<void>((resolve) => this.server.close(resolve));
  }

  /** The sender hears that the mail was taken only when it is stored. */
  private async receive(stream: SMTPServerDataStream): Promise<void> {
    const raw = await buffer(stream);
    if (stream.sizeExceeded) {
      throw Object.assign(new Error('The message is too large'), { responseCode: 552 });
    }
    await this.inbox.receive(raw);
  }
}
