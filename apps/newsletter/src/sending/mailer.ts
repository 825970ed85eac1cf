import { Injectable } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { AppConfig } from '../config/app-config.js';
import { DkimKey } from '../dkim/dkim-key.js';
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

/**
 * What the signature covers. Nodemailer's own list leaves out List-Unsubscribe-Post, and mail programs offer
 * one-click unsubscription only if it is signed, too (RFC 8058 section 4).
 */
const SIGNED_FIELDS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
];

export interface OutgoingMail extends RenderedMailing {
  headers: Record<string, string>;
}

/** Sends mails to the server of SMTP_URL, or else to the inbox of this app. */
@Injectable()
export class Mailer {
  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxSmtpServer,
    private readonly dkimKey: DkimKey,
  ) {}

  open(): MailConnection {
    const options = {
      ...ONE_CONNECTION,
      ...TIMEOUTS,
      disableFileAccess: true,
      disableUrlAccess: true,
      dkim: {
        domainName: this.dkimKey.domain,
        keySelector: this.dkimKey.selector,
        privateKey: this.dkimKey.privateKey,
        headerFieldNames: SIGNED_FIELDS.join(':'),
      },
    };
    const transport = this.config.SMTP_URL
      ? createTransport({ ...options, url: this.config.SMTP_URL })
      : createTransport({ ...options, ...this.inbox.address, ignoreTLS: true });
    return new MailConnection(transport, this.config.MAIL_FROM);
  }
}

export class MailConnection {
  constructor(
    private readonly transport: Transporter,
    private readonly from: string,
  ) {}

  /** Never throws: what went wrong is part of the outcome. */
  async send(to: Subscriber, { subject, html, text, headers }: OutgoingMail): Promise<SendOutcome> {
    try {
      await this.transport.sendMail({
        from: this.from,
        to: { name: to.name, address: to.email },
        subject,
        headers,
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
