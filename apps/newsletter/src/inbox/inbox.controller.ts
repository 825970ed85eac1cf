import { Controller, Get, Param, Query, Render } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { IdParams } from '../pages/id.params.js';
import { PageQuery } from '../pages/page.query.js';
import { InboxService } from './inbox.service.js';

@Controller('inbox')
export class InboxController {
  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxService,
  ) {}

  @Get()
  @Render('inbox')
  async list(@Query() { page }: PageQuery) {
    return {
      title: 'Inbox',
      elsewhere: Boolean(this.config.SMTP_URL),
      ...(await this.inbox.list(page)),
    };
  }

  @Get(':id')
  @Render('mail')
  async show(@Param() { id }: IdParams) {
    const mail = await this.inbox.get(id);
    return { title: mail.subject, mail };
  }
}
