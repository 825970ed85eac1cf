import { randomBytes, scryptSync } from 'node:crypto';
import {
  All,
  BadRequestException,
  Body,
  Controller,
  HttpCode,
  Logger,
  Module,
  Post,
  Req,
} from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule, type RequestTokenPage, route } from 'nestjs-request-token';
import { TokenService, UseRequestToken } from 'nestjs-request-token';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Mailer, MailerModule } from './mailer.js';

@Entity()
export class Member {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text', { unique: true })
  email!: string;

  @Column('text', { select: false }) // it does not come to request.user, bound or not
  passwordHash!: string;
}

export function hashOf(password: string): string {
  const salt = randomBytes(16);
  return Buffer.concat([salt, scryptSync(password, salt, 32)]).toString('base64');
}

@Controller()
export class PasswordController {
  private readonly logger = new Logger(PasswordController.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: TokenService,
    private readonly mailer: Mailer,
  ) {}

  /** Says the same whatever happens, and as soon: who has an account is nobody else's business. */
  @Post('password-link')
  @HttpCode(202)
  ask(@Body('email') email: unknown) {
    void this.send(String(email)).catch((error: unknown) => this.logger.error(error));
    return 'Look into your mailbox.';
  }

  /** GET shows the form, POST takes the one use. What fails gives it back. */
  @All('new-password')
  @UseRequestToken({
    scope: 'new-password',
    confirm: { title: 'Your new password', message: 'At least 12 characters, please.', button: 'Save' },
  })
  async save(@Req() { user }: { user: Member }, @Body('password') password: unknown) {
    if (typeof password !== 'string' || password.length < 12) throw new BadRequestException('Too short.');
    await this.dataSource.manager.update(Member, user.id, { passwordHash: hashOf(password) });
    return 'Your password is changed. Please log in with it.'; // and here all sessions of the user end
  }

  private async send(email: string): Promise<void> {
    const member = await this.dataSource.manager.findOneBy(Member, { email });
    if (!member) return;
    const { url } = await this.tokens.issue({
      user: member.id, // the object lacks passwordHash, and would be loaded just the same
      target: route(PasswordController, 'save'),
      expiresIn: '1h',
    });
    await this.mailer.send({ to: email, subject: 'New password', html: `<a href="${url}">Choose one</a>` });
  }
}

/** The page of this link has a field more. Your template engine escapes the texts, which may come from elsewhere. */
export function render(page: RequestTokenPage): string {
  const head = `<!doctype html><html lang="${page.lang}"><title>${page.title}</title><h1>${page.title}</h1>`;
  if (page.kind === 'refusal') return `${head}<p>${page.message}</p></html>`;
  const isForPassword = page.claims.sub === 'new-password';
  const field = isForPassword ? '<input type="password" name="password" autocomplete="new-password">' : '';
  const form = `<form method="post">${page.field}${field}<button>${page.button}</button></form>`;
  return `${head}<p>${page.message}</p>${form}</html>`;
}

@Module({
  imports: [
    MailerModule,
    TypeOrmModule.forFeature([Member]),
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: { entity: Member, boundTo: ['passwordHash', 'email'] }, // when one changes, the link ends
      pages: { render },
    }),
  ],
  controllers: [PasswordController],
})
export class PasswordModule {}
