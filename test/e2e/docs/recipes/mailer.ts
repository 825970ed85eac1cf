import { Injectable, Module } from '@nestjs/common';

/** Stands in the recipes for whatever an app sends its mails with. */
export interface Mail {
  to: string;
  subject: string;
  html: string;
  headers?: Record<string, string>;
}

@Injectable()
export class Mailer {
  readonly sent: Mail[] = [];

  send(mail: Mail): Promise<void> {
    this.sent.push(mail);
    return Promise.resolve();
  }
}

@Module({ providers: [Mailer], exports: [Mailer] })
export class MailerModule {}
