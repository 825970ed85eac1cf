import { Body, Controller, Get, HttpCode, Param, Post, Query, Render } from '@nestjs/common';
import { PageQuery } from '../pages/page.query.js';
import { LinkDto, TokenParams } from './usage.dto.js';
import { UsageService } from './usage.service.js';

@Controller('usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  @Render('usage')
  async list(@Query() { page }: PageQuery) {
    return { title: 'Usage', ...(await this.usage.list(page)) };
  }

  /** A form that is posted keeps the token out of the address, and so out of every log of addresses. */
  @Post()
  @HttpCode(200)
  @Render('verdict')
  async inspect(@Body() { link }: LinkDto) {
    const verdict = await this.usage.inspect(link);
    const log = verdict.token ? await this.usage.log(verdict.token.id, 1) : { logs: [] };
    return { title: verdict.usable ? 'This link works' : 'This link does not work', verdict, ...log };
  }

  @Get(':id')
  @Render('token')
  async show(@Param() { id }: TokenParams, @Query() { page }: PageQuery) {
    const token = await this.usage.get(id);
    return { title: `Token for ${token.scope}`, token, ...(await this.usage.log(id, page)) };
  }
}
