import { All, Body, Controller, Get, Header, Injectable, Module, Post, Req } from '@nestjs/common';
import { RequestTokenModule, requestTokenField, route } from 'nestjs-request-token';
import { type RequestTokenPage, TokenService, UseRequestToken } from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { Mailer, MailerModule } from './mailer.js';
import { Subscriber } from './subscriber.entity.js';

/** Your template engine escapes by itself. */
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const layout = (title: string, body: string, lang = 'en') =>
  `<!doctype html><html lang="${lang}"><title>${escape(title)}</title><h1>${escape(title)}</h1>${body}</html>`;

/** The pages of links, in your own design: without it the module has some. */
export const render = (page: RequestTokenPage): string => {
  const message = `<p>${escape(page.message)}</p>`;
  if (page.kind === 'refusal') return layout(page.title, message, page.lang);
  const form = `<form method="post">${page.field}<button>${escape(page.button)}</button></form>`;
  return layout(page.title, message + form, page.lang);
};

@Controller('newsletter')
export class NewsletterController {
  constructor(private readonly dataSource: DataSource) {}

  @All('unsubscribe')
  @UseRequestToken({
    scope: 'unsubscribe',
    confirm: {
      title: 'Unsubscribe?',
      message: 'You will get no more mail from us.',
      button: 'Unsubscribe',
      translations: {
        de: { title: 'Abmelden?', message: 'Sie bekommen keine Mail mehr.', button: 'Abmelden' },
      },
    },
  })
  @Header('Content-Type', 'text/html; charset=utf-8')
  async unsubscribe(@Req() { user }: { user: Subscriber }) {
    await this.dataSource.manager.update(Subscriber, user.id, { isSubscribed: false });
    return layout('Unsubscribed', `<p>Good-bye, ${escape(user.name)}.</p>`);
  }

  /** Only shows something, so that scanners may open it as often as they like. */
  @Get('preferences')
  @UseRequestToken({ scope: 'preferences', direct: true })
  @Header('Content-Type', 'text/html; charset=utf-8')
  preferences(@Req() request: { user: Subscriber }) {
    const name = `<input name="name" value="${escape(request.user.name)}">`;
    const form = `<form method="post">${requestTokenField(request)}${name}<button>Save</button></form>`;
    return layout('Your preferences', form);
  }

  @Post('preferences')
  @UseRequestToken({ scope: 'preferences' })
  @Header('Content-Type', 'text/html; charset=utf-8')
  async save(@Req() { user }: { user: Subscriber }, @Body('name') name: string) {
    await this.dataSource.manager.update(Subscriber, user.id, { name });
    return layout('Saved', '');
  }
}

@Injectable()
export class Mailings {
  constructor(
    private readonly tokens: TokenService,
    private readonly mailer: Mailer,
  ) {}

  async send(user: Subscriber, text: string): Promise<void> {
    const unsubscribe = await this.tokens.issue({
      user,
      target: route(NewsletterController, 'unsubscribe'),
      maxUses: null, // programs repeat the request, and people click twice
      expiresIn: '90d',
    });
    const preferences = await this.tokens.issue({
      user,
      target: route(NewsletterController, 'preferences'),
      maxUses: null,
      expiresIn: '90d',
    });
    const link = ({ url }: { url: string }, label: string) => `<a href="${escape(url)}">${label}</a>`;
    await this.mailer.send({
      to: user.email,
      subject: 'News',
      html: `<p>${escape(text)}</p>${link(preferences, 'Preferences')} ${link(unsubscribe, 'Unsubscribe')}`,
      headers: { ...this.tokens.listUnsubscribe(unsubscribe) }, // "Unsubscribe" beside the sender
    });
  }
}

@Module({
  imports: [
    MailerModule,
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: { entity: Subscriber },
      pages: {
        render,
        texts: { en: { refusals: { token_expired: { message: 'This link was good for 90 days.' } } } },
        fallbackLanguage: 'en',
      },
    }),
  ],
  controllers: [NewsletterController],
  providers: [Mailings],
})
export class NewsletterModule {}
