import { Body, Controller, Get, Post } from '@nestjs/common';
import { type IssueOptions, RequestTokenException, route, TokenService } from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { Open } from './guards.js';
import { LinksController } from './links.controller.js';

/** Where the specs ask the app to do what an app does by itself. */
@Open()
@Controller('desk')
export class DeskController {
  constructor(
    private readonly tokens: TokenService,
    private readonly dataSource: DataSource,
  ) {}

  @Post('issue')
  async issue(@Body() options: IssueOptions) {
    const { token, jwt, url } = await this.tokens.issue(options);
    return { id: token.id, jwt, url };
  }

  @Post('issue-event')
  async issueEvent(@Body() { slug }: { slug: string }) {
    const target = route(LinksController, 'event', { params: { slug }, query: { utm: 'mail' } });
    const { token, jwt, url } = await this.tokens.issue({ user: { id: 1 }, target });
    return { id: token.id, jwt, url };
  }

  @Post('redeem')
  async redeem(@Body() { jwt, scope }: { jwt: string; scope: string }) {
    try {
      return { useCount: (await this.tokens.redeem(jwt, { scope })).useCount };
    } catch (error) {
      if (error instanceof RequestTokenException) return { code: error.code };
      throw error;
    }
  }

  @Post('redeem-and-roll-back')
  async redeemAndRollBack(@Body() { jwt, scope }: { jwt: string; scope: string }) {
    const inside: number[] = [];
    await this.dataSource
      .transaction(async (manager) => {
        inside.push((await this.tokens.redeem(jwt, { scope, manager })).useCount);
        throw new Error('rolled back');
      })
      .catch((error: Error) => {
        if (error.message !== 'rolled back') throw error;
      });
    return { inside };
  }

  @Post('inspect')
  async inspect(@Body() { link }: { link: string }) {
    const { token, logs, usable, code } = await this.tokens.inspect(link);
    return { id: token?.id, outcomes: logs.map(({ outcome }) => outcome), usable, code };
  }

  @Post('revoke')
  async revoke(@Body() { id }: { id: string }) {
    return { revoked: await this.tokens.revoke(id) };
  }

  @Get('schema-changes')
  async schemaChanges() {
    const { upQueries } = await this.dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  }
}
