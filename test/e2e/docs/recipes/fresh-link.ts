import { Body, Controller, Get, Header, HttpCode, Module, Post, Query } from '@nestjs/common';
import { type RefusalHelp, type RefusedContext, RequestTokenModule } from 'nestjs-request-token';
import { requestTokenQuery, TokenService } from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { Mailer, MailerModule } from './mailer.js';
import { Subscriber } from './subscriber.entity.js';

/** What the page of a link that fails says besides. */
export const offerHelp = ({ code, token, request }: RefusedContext): RefusalHelp | undefined => {
  if (code !== 'token_expired' || !token?.userId) return undefined;
  const url = `/fresh-link${requestTokenQuery(request as object)}`;
  return { text: 'We can send you a new link.', link: { url, text: 'Send a new link' } };
};

@Controller('fresh-link')
export class FreshLinkController {
  constructor(
    private readonly tokens: TokenService,
    private readonly dataSource: DataSource,
    private readonly mailer: Mailer,
  ) {}

  /** Only asks: scanners open this, too. */
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'same-origin')
  ask(@Query('rt') jwt: unknown) {
    const value = typeof jwt === 'string' ? encodeURIComponent(jwt) : ''; // of a JWT it changes nothing
    return `<form method="post"><input type="hidden" name="rt" value="${value}"><button>Send</button></form>`;
  }

  /** Says the same whatever happens: an old link may have come into anybody's hands. */
  @Post()
  @HttpCode(200)
  async send(@Body('rt') jwt: string) {
    const { code, token } = await this.tokens.inspect(jwt);
    const to = token && (await this.dataSource.manager.findOneBy(Subscriber, { id: Number(token.userId) }));
    if (code === 'token_expired' && token?.targetPath && to) {
      const { scope, targetPath: target, maxUses, data } = token;
      const bounds = { ...(scope !== null && { scope }), target, maxUses, expiresIn: '30d' };
      const { url } = await this.tokens.issue({ user: to, ...bounds, data });
      await this.mailer.send({ to: to.email, subject: 'Your new link', html: `<a href="${url}">Open</a>` });
    }
    return 'Look into your mailbox.';
  }
}

@Module({
  imports: [
    MailerModule,
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: { entity: Subscriber },
      onRefused: offerHelp,
    }),
  ],
  controllers: [FreshLinkController],
})
export class FreshLinkModule {}
