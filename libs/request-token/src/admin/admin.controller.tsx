import {
  type CanActivate,
  Controller,
  Get,
  Param,
  Post,
  Body,
  Query,
  Req,
  Res,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import type { RequestTokenErrorCode } from '../common/exception.js';
import type { Inspection } from '../token/inspection.js';
import { stateOf } from '../entities/token-state.js';
import { type Action, AdminActions } from './admin-actions.js';
import { type AdminAnswer, AdminAnswers, type AdminExchange, type OnError } from './admin-answers.js';
import { AdminTokens } from './admin-tokens.js';
import { AdminUsers } from './admin-users.js';
import { REASONS, verdictOf } from './explain.js';
import { linkIn } from './link-in.js';
import { OwnOriginGuard } from './own-origin.guard.js';
import { attemptsOptionsOf, listOptionsOf, statisticsOptionsOf, textsOf } from './queries.js';
import { AttemptsPage } from './views/attempts-page.js';
import { DeferredPage } from './views/deferred-page.js';
import { FiguresPage } from './views/figures-page.js';
import { MessagePage } from './views/message-page.js';
import { TokenPage } from './views/token-page.js';
import { TokensPage } from './views/tokens-page.js';
import { UsersPage } from './views/users-page.js';

const MOST_CHARACTERS = 8_192;

/** Users that a page offers to choose from. */
const MOST_USERS = 50;

/** What a button has done, by the name in the address of the page behind it. */
const NOTICES: Record<string, (count: number) => string> = {
  revoke: (count) => (count > 0 ? 'This link is revoked.' : 'This link was revoked before.'),
  release: (count) => `${count === 1 ? 'One use was' : `${count} uses were`} given back.`,
  'revoke-user': (count) =>
    `${count === 1 ? 'One link' : `${count} links`} of this user ${count === 1 ? 'is' : 'are'} revoked.`,
};

/** A controller at this path, behind these guards. */
export function createAdminController(
  path: string,
  guards: (Type<CanActivate> | CanActivate)[],
): Type<object> {
  // Types of parameters are those that pipes of the app leave as they are.
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class RequestTokenAdminController {
    constructor(
      private readonly tokens: AdminTokens,
      private readonly users: AdminUsers,
      private readonly actions: AdminActions,
      private readonly answers: AdminAnswers,
    ) {}

    @Get()
    list(@Query() given: object, @Req() request: object, @Res() response: object): Promise<void> {
      const query = textsOf(given);
      return this.answers.answer(
        exchange(request, response, 0),
        async () => {
          const { items, after } = await this.tokens.service.list(listOptionsOf(query));
          const labels = await this.users.labels(items.map(({ userId }) => userId));
          return {
            json: { items, after },
            page: (frame) => (
              <TokensPage {...frame} tokens={items} after={after} labels={labels} query={query} />
            ),
          };
        },
        (status, text) => ({
          status,
          json: problem(status, text),
          page: (frame) => (
            <TokensPage {...frame} tokens={[]} labels={new Map()} query={query} problem={text} />
          ),
        }),
      );
    }

    @Get('attempts')
    attempts(@Query() given: object, @Req() request: object, @Res() response: object): Promise<void> {
      const query = textsOf(given);
      return this.answers.answer(
        exchange(request, response, 1),
        async () => {
          const { items, after } = await this.tokens.service.attempts(attemptsOptionsOf(query));
          return {
            json: { items, after },
            page: (frame) => <AttemptsPage {...frame} attempts={items} after={after} query={query} />,
          };
        },
        (status, text) => ({
          status,
          json: problem(status, text),
          page: (frame) => <AttemptsPage {...frame} attempts={[]} query={query} problem={text} />,
        }),
      );
    }

    @Get('figures')
    figures(@Query() given: object, @Req() request: object, @Res() response: object): Promise<void> {
      const query = textsOf(given);
      return this.answers.answer(
        exchange(request, response, 1),
        async () => {
          const options = statisticsOptionsOf(query, this.tokens.now);
          const { service } = this.tokens;
          const days = await service.statistics({ ...options, by: 'day' });
          const scopes = await service.statistics({ ...options, by: 'scope' });
          return {
            json: { days, scopes },
            page: (frame) => <FiguresPage {...frame} {...options} days={days} scopes={scopes} />,
          };
        },
        (status, text) => ({
          status,
          json: problem(status, text),
          page: (frame) => <FiguresPage {...frame} days={[]} scopes={[]} problem={text} />,
        }),
      );
    }

    @Post('find')
    @UseGuards(OwnOriginGuard)
    async find(@Body() body: object, @Req() request: object, @Res() response: object): Promise<void> {
      const { q = '' } = textsOf(body);
      const from = exchange(request, response, 1);
      const found = this.found(q);
      const way = await found.catch(() => undefined);
      if (way && 'path' in way) return this.answers.redirect(from, way.path, way.json);
      return this.answers.answer(from, () => found as Promise<AdminAnswer>, failure('Nothing found'));
    }

    @Get(':id')
    show(
      @Param('id') id: string,
      @Query() query: object,
      @Req() request: object,
      @Res() response: object,
    ): Promise<void> {
      return this.answers.answer(
        exchange(request, response, 1),
        async () => {
          const known = isUuid(id) ? await this.tokens.find(id) : undefined;
          if (!known) return message(404, 'No such token', withoutRow(id));
          const { token, state, attempts, hasMore, pending } = known;
          const labels = await this.users.labels([token.userId]);
          const code = codeOf(textsOf(query));
          const verdict = verdictOf(token, state, attempts, pending, code);
          return {
            json: { token, state, verdict, attempts },
            page: (frame) => (
              <TokenPage
                {...frame}
                {...{ token, attempts, hasMore, labels, verdict, code }}
                hasPending={pending > 0}
                works={state === 'usable' && code === undefined}
                notice={noticeOf(textsOf(query))}
              />
            ),
          };
        },
        failure('Token'),
      );
    }

    @Post(':id/revoke')
    @UseGuards(OwnOriginGuard)
    revoke(
      @Param('id') id: string,
      @Query() query: object,
      @Req() request: object,
      @Res() response: object,
    ): Promise<void> {
      return this.act('revoke', id, exchange(request, response, 2), codeOf(textsOf(query)));
    }

    @Post(':id/release')
    @UseGuards(OwnOriginGuard)
    release(
      @Param('id') id: string,
      @Query() query: object,
      @Req() request: object,
      @Res() response: object,
    ): Promise<void> {
      return this.act('release', id, exchange(request, response, 2), codeOf(textsOf(query)));
    }

    @Post(':id/revoke-user')
    @UseGuards(OwnOriginGuard)
    revokeUser(
      @Param('id') id: string,
      @Query() query: object,
      @Req() request: object,
      @Res() response: object,
    ): Promise<void> {
      return this.act('revoke-user', id, exchange(request, response, 2), codeOf(textsOf(query)));
    }

    /** @param code what the page of the button knows from a link, to be said again by the next one */
    private async act(
      action: Action,
      id: string,
      from: AdminExchange,
      code: RequestTokenErrorCode | undefined,
    ): Promise<void> {
      const answer = await this.done(action, id, from).catch((error: unknown) => error);
      if (typeof answer === 'number' && (await this.tokens.row(id).catch(() => undefined))) {
        const query = `done=${action}&count=${answer}${code === undefined ? '' : `&code=${code}`}`;
        return this.answers.redirect(from, `/${id}?${query}`, { [RESULTS[action]]: answer });
      }
      return this.answers.answer(
        from,
        () => {
          if (answer instanceof Error) return Promise.reject(answer);
          if (typeof answer !== 'number') return Promise.resolve(answer as AdminAnswer);
          // Of a deferred token without a row, there is no page.
          const text = NOTICES[action](answer);
          return Promise.resolve({ ...message(200, 'Done', text), json: { [RESULTS[action]]: answer } });
        },
        failure('Nothing was changed'),
      );
    }

    private async done(
      action: Action,
      id: string,
      { request }: AdminExchange,
    ): Promise<number | AdminAnswer> {
      if (this.actions.isReadOnly)
        return message(403, 'Nothing was changed', 'These pages are to be read only.');
      if (!isUuid(id)) return message(404, 'No such token', withoutRow(id));
      const count = await this.actions.do(action, id, (request as { user?: unknown }).user);
      return (
        count ?? message(404, 'Nothing was changed', 'There is no such token, or it stands for no user.')
      );
    }

    private async found(q: string): Promise<Way | AdminAnswer> {
      if (q === '')
        return message(400, 'Nothing found', 'Paste a link, or type the id of a token or a user.');
      if (q.length > MOST_CHARACTERS)
        return message(400, 'Nothing found', 'That is too long to be a link of this app.');
      if (isUuid(q) && (await this.tokens.row(q))) return wayToToken(q.toLowerCase());
      const link = linkIn(q);
      if (link === undefined) return this.foundUsers(q);
      const inspection = await this.tokens.service.inspect(link);
      const { token, code } = inspection;
      if (!token) return this.foundDeferred(inspection);
      const { now } = this.tokens;
      const isUsable = stateOf(token, { earliest: now, latest: now }) === 'usable';
      return wayToToken(token.id, isUsable ? code : undefined);
    }

    private async foundUsers(q: string): Promise<Way | AdminAnswer> {
      const found = await this.users.find(q);
      if (found.length === 1) return wayToUser(found[0]);
      if (found.length === 0) {
        // A key itself, be it that of somebody who is gone.
        const { items } = await this.tokens.service.list({ user: q, limit: 1 });
        if (items.length > 0) return wayToUser(q);
        return message(404, 'Nothing found', 'There is no such token, and no such user who ever got one.');
      }
      const users = found.slice(0, MOST_USERS);
      const labels = await this.users.labels(users);
      return {
        json: { users, hasMore: found.length > users.length },
        page: (frame) => (
          <UsersPage {...frame} users={users} labels={labels} hasMore={found.length > users.length} />
        ),
      };
    }

    private async foundDeferred({ deferred, code, usable }: Inspection): Promise<AdminAnswer> {
      if (!deferred) {
        const text = code ? REASONS[code] : 'Nothing is known of it.';
        return { ...message(404, 'This link does not work', text), json: { usable, code, message: text } };
      }
      const now = this.tokens.now;
      const state = stateOf(deferred, { earliest: now, latest: now });
      const labels = await this.users.labels([deferred.userId]);
      return {
        json: { token: deferred, state, usable, code, deferred: true },
        page: (frame) => (
          <DeferredPage {...frame} token={deferred} state={state} code={code} labels={labels} />
        ),
      };
    }
  }
  return RequestTokenAdminController;
}

const RESULTS: Record<Action, string> = { revoke: 'revoked', release: 'released', 'revoke-user': 'revoked' };

const exchange = (request: object, response: object, depth: number): AdminExchange => ({
  request: request as AdminExchange['request'],
  response,
  depth,
});

const problem = (statusCode: number, message: string) => ({ statusCode, message });

const message = (status: number, title: string, text: string): AdminAnswer => ({
  status,
  json: problem(status, text),
  page: (frame) => <MessagePage {...frame} title={title} text={text} />,
});

const failure =
  (title: string): OnError =>
  (status, text) =>
    message(status, title, text);

const withoutRow = (id: string): string =>
  isUuid(id)
    ? 'There is none with this id. It may have been deleted; or it is deferred, and nobody has used it: then paste its link.'
    : 'This is no id of a token.';

/** Where a text that was typed leads to, and what it is to programs. */
interface Way {
  path: string;
  json: object;
}

/** @param code why a link would be refused though its row is usable: what its page cannot know by itself */
const wayToToken = (id: string, code?: RequestTokenErrorCode): Way => ({
  path: code ? `/${id}?code=${code}` : `/${id}`,
  json: { id, code },
});

const wayToUser = (user: string): Way => ({
  path: `?${new URLSearchParams({ user }).toString()}`,
  json: { user },
});

const codeOf = ({ code }: Record<string, string>): RequestTokenErrorCode | undefined =>
  code !== undefined && Object.hasOwn(REASONS, code) ? (code as RequestTokenErrorCode) : undefined;

function noticeOf({ done, count }: Record<string, string>): string | undefined {
  return done !== undefined && Object.hasOwn(NOTICES, done) && /^\d{1,9}$/.test(count ?? '')
    ? NOTICES[done](Number(count))
    : undefined;
}
