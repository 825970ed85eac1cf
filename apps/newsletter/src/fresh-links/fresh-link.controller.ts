import { Body, Controller, Get, Header, HttpCode, Post, Query, Render, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ExpiredTokenDto } from './fresh-link.dto.js';
import { FreshLinksService } from './fresh-links.service.js';

/** A way out for whoever opens a link that has expired. */
@Controller('fresh-link')
export class FreshLinkController {
  constructor(private readonly freshLinks: FreshLinksService) {}

  /** Only asks, because mail scanners and previews open it, too. The token is in its address. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'same-origin')
  @Header('X-Robots-Tag', 'noindex')
  @Render('fresh-link')
  ask(@Query() { rt }: ExpiredTokenDto) {
    return { title: 'Get a new link', rt };
  }

  /** Says the same whatever happens: an old link may have come into anybody's hands. */
  @Post()
  @HttpCode(200)
  @Render('fresh-link-requested')
  request(@Body() { rt }: ExpiredTokenDto, @Res({ passthrough: true }) response: Response) {
    this.freshLinks.requestBehind(response, rt);
    return { title: 'Look into your mailbox' };
  }
}
