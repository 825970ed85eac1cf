import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { RequestTokenModule, TokenService, UseRequestToken } from 'nestjs-request-token';
import { DatabaseModule } from './database.module.js';
import { ANSWER, Issuing, LIFETIME_DAYS, REDEEM_PATH, SCOPE, SECRET } from './subject.js';
import { UndecoratedController } from './undecorated.controller.js';

@Controller()
class LibraryController {
  @Get(REDEEM_PATH)
  @UseRequestToken({ scope: SCOPE, direct: true })
  redeem() {
    return ANSWER;
  }
}

const EXPIRES_IN = `${LIFETIME_DAYS}d` as const;

@Injectable()
class LibraryIssuing implements Issuing {
  constructor(private readonly tokens: TokenService) {}

  async issue(user: string): Promise<string> {
    const { jwt } = await this.tokens.issue(terms(user));
    return jwt;
  }

  async *issueMany(users: Iterable<string>): AsyncIterable<string> {
    for await (const { jwt } of this.tokens.issueMany(each(users))) yield jwt;
  }

  async *issueManyDeferred(users: Iterable<string>): AsyncIterable<string> {
    for await (const { jwt } of this.tokens.issueMany(each(users, { deferred: true }))) yield jwt;
  }
}

const terms = (user: string) => ({ user, scope: SCOPE, expiresIn: EXPIRES_IN });

function* each(users: Iterable<string>, more: { deferred?: boolean } = {}) {
  for (const user of users) yield { ...terms(user), ...more };
}

/** The module as it comes, with its log. */
@Module({
  imports: [DatabaseModule, RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com' })],
  controllers: [LibraryController, UndecoratedController],
  providers: [{ provide: Issuing, useClass: LibraryIssuing }],
})
export class LibraryModule {}
