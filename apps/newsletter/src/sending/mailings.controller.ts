import { Controller, Get, HttpStatus, Param, Post, Redirect, Render } from '@nestjs/common';
import { MailingParams } from '../mailings/mailing.params.js';
import { MailingsService } from '../mailings/mailings.service.js';
import { MailingSender } from './mailing-sender.js';
import { MailingStatusService } from './mailing-status.service.js';

@Controller('mailings')
export class MailingsController {
  constructor(
    private readonly mailings: MailingsService,
    private readonly sender: MailingSender,
    private readonly statuses: MailingStatusService,
  ) {}

  @Get(':slug')
  @Render('mailing')
  async show(@Param() { slug }: MailingParams) {
    const status = await this.statuses.of(this.mailings.get(slug));
    return {
      title: status.title,
      status,
      problems: await this.statuses.problems(status),
      refreshSeconds: status.running ? 2 : undefined,
    };
  }

  @Post(':slug/send')
  @Redirect()
  async send(@Param() { slug }: MailingParams) {
    await this.sender.start(this.mailings.get(slug));
    return { url: `/mailings/${slug}`, statusCode: HttpStatus.SEE_OTHER };
  }
}
