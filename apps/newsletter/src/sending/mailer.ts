import { Injectable } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { AppConfig } from '../config/app-config.js';
import { InboxSmtpServer } from '../inbox/inbox-smtp-server.js';
import type { RenderedMailing } from '../mailings/mailing-template.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import { outcomeOf, type SendOutcome } from './send-outcome.js';

/** A mail that hangs holds up the rest of the mailing, and the end of the app. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/**
 * A connection is used for many mails, one after the other. When it is lost, nodemailer tries a mail again by
 * itself only if not a byte of it was sent.
 */
const ONE_CONNECTION = { pool: true, maxConnections: 1, maxRequeues: 2 } as const;

/** Sends mails to the server of SMTP_URL, or else to the inbox of this app. */
@Injectable()
export class Mailer {
  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxSmtpServer,
  ) {}

  open(): MailConnection {
    const safety = { ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true };
    const transport = this.config.SMTP_URL
      ? createTransport({ ...ONE_CONNECTION, ...safety, url: this.config.SMTP_URL })
      : createTransport({ ...ONE_CONNECTION, ...safety, ...this.inbox.address, ignoreTLS: true });
    return new MailConnection(transport, this.config.MAIL_FROM);
  }
}

export class MailConnection {
  constructor(
    private readonly transport: Transporter,
    private readonly from: string,
  ) {}

  /** Never throws: what went wrong is part of the outcome. */
  async send(to: Subscriber, { subject, html, text }: RenderedMailing): Promise<SendOutcome> {
    try {
      await this.transport.sendMail({
        from: this.from,
        to: { name: to.name, address: to.email },
        subject,
        text,
        html: to.mailFormat === 'html' ? html : undefined,
      });
      return { status: 'sent' };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  close(): void {
    this.transport.close();
  }
}
