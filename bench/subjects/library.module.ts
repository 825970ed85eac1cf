import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { RequestTokenModule, TokenService, UseRequestToken } from 'nestjs-request-token';
import { DatabaseModule } from './database.module.js';
import { batches } from './batches.js';
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
    const { jwt } = await this.tokens.issue({ user, scope: SCOPE, expiresIn: EXPIRES_IN });
    return jwt;
  }

  // TODO: tokens.issueMany
  async *issueMany(users: Iterable<string>): AsyncIterable<string> {
    for (const batch of batches(users, 64)) yield* await Promise.all(batch.map((user) => this.issue(user)));
  }
}

/** The module as it comes, with its log. */
@Module({
  imports: [DatabaseModule, RequestTokenModule.forRoot({ keys: SECRET, baseUrl: 'https://example.com' })],
  controllers: [LibraryController, UndecoratedController],
  providers: [{ provide: Issuing, useClass: LibraryIssuing }],
})
export class LibraryModule {}
