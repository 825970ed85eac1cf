// Checked by the compiler only (see public-api.spec.ts); nothing of it runs.
import { type CanActivate, Controller, type ExecutionContext, type Type } from '@nestjs/common';
import {
  AllowRequestToken,
  CurrentRequestToken,
  type Inspection,
  isRequestTokenAuthenticated,
  type IssuedToken,
  LoginMode,
  redactRequestTokens,
  type RequestToken,
  type RequestTokenClaims,
  RequestTokenErrorCode,
  RequestTokenException,
  type RequestTokenLog,
  RequestTokenModule,
  type RequestTokenOptionsFactory,
  type RequestTokenOutcome,
  type RequestTokenRequest,
  RequestTokenUserLoader,
  requestTokenMigrations,
  route,
  type RouteTarget,
  type TokenService,
  UseRequestToken,
} from 'nestjs-request-token';
import type { Answer, RequestTokenTesting, ScanStatuses, TestLink } from 'nestjs-request-token/testing';
import { expectTypeOf } from 'expect-type';
import type { SendMailOptions } from 'nodemailer';
import type { EntityManager, MigrationInterface } from 'typeorm';

class User {
  id!: number;
}

@Controller('events')
class EventsController {
  readonly name = 'events';
  limit = () => 10;

  @UseRequestToken({ scope: 'rsvp', confirm: { title: 'Coming?', translations: { de: { button: 'Ja' } } } })
  rsvp(@CurrentRequestToken() token: RequestToken | undefined): string {
    return `${String(token?.data.seat)}${this.secret()}`;
  }

  private secret(): string {
    return '';
  }
}

declare const tokens: TokenService;
declare const kit: RequestTokenTesting;
declare const manager: EntityManager;
declare const user: User;
declare const anyText: string;
declare const context: ExecutionContext;

export function routeTakesMethodsOfTheController() {
  expectTypeOf(route(EventsController, 'rsvp')).toEqualTypeOf<RouteTarget>();
  route(EventsController, 'rsvp', { params: { slug: 'spring', page: 2, path: ['a', 'b'] } });
  route(EventsController, 'rsvp', { query: { utm_source: 'mail', n: 1, isNew: true, tag: ['a', 'b'] } });

  // @ts-expect-error misspelt
  route(EventsController, 'rsvpp');
  // @ts-expect-error no method
  route(EventsController, 'name');
  // @ts-expect-error private
  route(EventsController, 'secret');
  // @ts-expect-error not said which
  route(EventsController);
  // @ts-expect-error any text, of which nobody knows whether it is a method
  route(EventsController, anyText);
  // @ts-expect-error an object in place of its class
  route(new EventsController(), 'rsvp');
  // @ts-expect-error a link would say [object Object]
  route(EventsController, 'rsvp', { params: { slug: user } });
  // @ts-expect-error a link would say null
  route(EventsController, 'rsvp', { query: { utm_source: null } });
  // @ts-expect-error a link would say undefined
  route(EventsController, 'rsvp', { params: { slug: undefined as string | undefined } });
  // @ts-expect-error not a part of a route
  route(EventsController, 'rsvp', { param: { slug: 'spring' } });
}

export function decoratorsTakeTheirOptions() {
  expectTypeOf(CurrentRequestToken()).toEqualTypeOf<ParameterDecorator>();
  expectTypeOf(UseRequestToken()).toExtend<ClassDecorator & MethodDecorator>();
  UseRequestToken({
    required: false,
    onInvalid: 'ignore',
    direct: true,
    log: false,
    releaseOnFailure: false,
  });

  // @ts-expect-error misspelt
  UseRequestToken({ scopes: 'rsvp' });
  // @ts-expect-error one scope
  UseRequestToken({ scope: ['rsvp'] });
  // @ts-expect-error neither 'refuse' nor 'ignore'
  UseRequestToken({ onInvalid: 'throw' });
  // @ts-expect-error a text of the page has a name
  UseRequestToken({ confirm: 'Unsubscribe?' });
  // @ts-expect-error misspelt
  UseRequestToken({ confirm: { label: 'Yes' } });
}

export function whatIsOnARequest(request: RequestTokenRequest) {
  expectTypeOf(request.requestToken).toEqualTypeOf<RequestToken | undefined>();
  expectTypeOf(request.requestTokenClaims).toEqualTypeOf<RequestTokenClaims | undefined>();
  expectTypeOf(request.requestTokenError).toEqualTypeOf<RequestTokenException | undefined>();
  expectTypeOf(request.user).toBeUnknown();
  expectTypeOf(isRequestTokenAuthenticated(request)).toBeBoolean();
  expectTypeOf(isRequestTokenAuthenticated(context)).toBeBoolean();
  // @ts-expect-error a request or a context
  isRequestTokenAuthenticated('eyJ…');
}

export async function theServiceIssues() {
  expectTypeOf(await tokens.issue({ user, scope: 'rsvp' })).toEqualTypeOf<IssuedToken>();
  for (const one of [7, 7n, '7', user]) await tokens.issue({ user: one, scope: 'rsvp' });
  await tokens.issue({ target: '/me', expiresAt: new Date(), notBefore: new Date(), maxUses: null, manager });
  await tokens.issue({ target: route(EventsController, 'rsvp'), expiresIn: '30d', data: { seat: 1 } });
  await tokens.issue({ scope: 'a', loginMode: 'session' });
  await tokens.issue({ scope: 'a', user, bound: false });
  await tokens.issue({ scope: 'a', loginMode: LoginMode.None, expiresIn: 60 });

  // @ts-expect-error nobody: it is left out instead
  await tokens.issue({ user: null, scope: 'rsvp' });
  // @ts-expect-error misspelt
  await tokens.issue({ scope: 'rsvp', expires: '30d' });
  // @ts-expect-error a date is expiresAt
  await tokens.issue({ scope: 'rsvp', expiresIn: new Date() });
  // @ts-expect-error no login mode
  await tokens.issue({ scope: 'rsvp', loginMode: 'forever' });
  // @ts-expect-error data is an object
  await tokens.issue({ scope: 'rsvp', data: 'seat 1' });

  async function* items() {
    await Promise.resolve();
    yield { user, scope: 'rsvp' };
  }
  expectTypeOf(tokens.issueMany(items())).toEqualTypeOf<AsyncIterableIterator<IssuedToken>>();
  tokens.issueMany([{ scope: 'a' }], { batchSize: 10, manager });
  // @ts-expect-error one transaction for all, beside them
  tokens.issueMany([{ scope: 'a', manager }]);
}

export async function theServiceReadsAndRevokes() {
  expectTypeOf(await tokens.verify('eyJ…')).toEqualTypeOf<RequestTokenClaims>();
  expectTypeOf(await tokens.redeem('eyJ…', { scope: 'rsvp', user, manager })).toEqualTypeOf<RequestToken>();
  const inspection = await tokens.inspect('https://example.com/?rt=eyJ…');
  expectTypeOf(inspection).toEqualTypeOf<Inspection>();
  expectTypeOf(inspection.logs).toEqualTypeOf<RequestTokenLog[]>();
  expectTypeOf(inspection.code).toEqualTypeOf<RequestTokenErrorCode | undefined>();

  expectTypeOf(await tokens.revoke('0197…')).toBeNumber();
  expectTypeOf(await tokens.revoke({ user })).toBeNumber();
  await tokens.revoke({ scope: 'rsvp' });
  await tokens.revoke({ user: 7, scope: 'rsvp' });
  // @ts-expect-error would be every token
  await tokens.revoke({});
  // @ts-expect-error of whom, or what
  await tokens.revoke();
  // @ts-expect-error of nobody
  await tokens.revoke({ user: null });

  expectTypeOf(await tokens.releasePending({ olderThan: '1h' })).toBeNumber();
  // @ts-expect-error how old
  await tokens.releasePending({});
  expectTypeOf(tokens.settled()).resolves.toBeVoid();
  const headers = tokens.listUnsubscribe(await tokens.issue({ scope: 'a' }));
  expectTypeOf(headers).toExtend<Record<string, string>>();
  expectTypeOf({ headers }).toExtend<SendMailOptions>();
}

export function refusalsHaveCodes(error: unknown) {
  if (error instanceof RequestTokenException) {
    expectTypeOf(error.code).toEqualTypeOf<RequestTokenErrorCode>();
    expectTypeOf(error.claims).toEqualTypeOf<RequestTokenClaims | undefined>();
    // @ts-expect-error no such code
    return error.code === 'token_stolen';
  }
  expectTypeOf(RequestTokenErrorCode.token_expired).toEqualTypeOf<'token_expired'>();
  expectTypeOf<RequestTokenErrorCode>().toExtend<RequestTokenOutcome>();
  expectTypeOf<'pending' | 'used' | 'released'>().toExtend<RequestTokenOutcome>();
  return undefined;
}

export function rowsAreWhatTheTablesAre(row: RequestToken, log: RequestTokenLog) {
  expectTypeOf(row.useCount).toBeNumber();
  expectTypeOf(row.maxUses).toEqualTypeOf<number | null>();
  expectTypeOf(row.expiresAt).toEqualTypeOf<Date | null>();
  expectTypeOf(row.loginMode).toEqualTypeOf<LoginMode>();
  expectTypeOf(row.data).toEqualTypeOf<Record<string, unknown>>();
  expectTypeOf(log.outcome).toEqualTypeOf<RequestTokenOutcome>();
  expectTypeOf(log.statusCode).toEqualTypeOf<number | null>();
  expectTypeOf(requestTokenMigrations).toExtend<(new () => MigrationInterface)[]>();
}

export function theModuleTakesItsOptions(guard: Type<CanActivate>) {
  class Loader extends RequestTokenUserLoader {
    load(id: string) {
      return Promise.resolve(id === '7' ? user : undefined);
    }
  }
  class BoundLoader extends Loader {
    override boundTo({ id }: User) {
      return [id, null, new Date()];
    }
  }
  class Options implements RequestTokenOptionsFactory {
    createRequestTokenOptions() {
      return { keys: [{ alg: 'HS256' as const, secret: 'x' }], baseUrl: 'https://example.com' };
    }
  }
  const required = { keys: process.env.REQUEST_TOKEN_SECRET, baseUrl: process.env.PUBLIC_URL };
  RequestTokenModule.forRoot({ ...required, users: { entity: User }, isGlobal: false, dataSource: 'links' });
  RequestTokenModule.forRoot({ ...required, users: { entity: User, boundTo: ['id'] as const } });
  RequestTokenModule.forRoot({ ...required, users: Loader, imports: [] });
  RequestTokenModule.forRoot({ ...required, users: BoundLoader });
  RequestTokenModule.forRoot({ ...required, onUsed: ({ token, statusCode }) => void [token.id, statusCode] });
  RequestTokenModule.forRoot({ ...required, onRefused: ({ code }) => ({ text: code }) });
  RequestTokenModule.forRoot({ ...required, pages: { render: (page) => page.title } });
  RequestTokenModule.forRootAsync({ useClass: Options, users: Loader });
  RequestTokenModule.forRootAsync({ useFactory: () => Promise.resolve(required) });

  // @ts-expect-error where links lead
  RequestTokenModule.forRoot({ keys: 'secret' });
  // @ts-expect-error what signs them
  RequestTokenModule.forRoot({ baseUrl: 'https://example.com' });
  // @ts-expect-error misspelt
  RequestTokenModule.forRoot({ ...required, user: { entity: User } });
  // @ts-expect-error one property is a list, too
  RequestTokenModule.forRoot({ ...required, users: { entity: User, boundTo: 'id' } });
  // @ts-expect-error no class that finds users
  RequestTokenModule.forRoot({ ...required, users: Options });
  // @ts-expect-error no such algorithm
  RequestTokenModule.forRoot({ ...required, keys: [{ alg: 'none', secret: 'x' }] });

  expectTypeOf(AllowRequestToken(guard)).toExtend<Type<CanActivate>>();
  expectTypeOf(redactRequestTokens('/?rt=eyJ…')).toBeString();
  expectTypeOf(redactRequestTokens(new URL('https://example.com'))).toEqualTypeOf<URL>();
}

export async function theTestingKitFollowsLinks() {
  const link = await kit.link(EventsController, 'rsvp', {
    user,
    params: { slug: 'spring' },
    expiresIn: '1d',
  });
  expectTypeOf(link).toEqualTypeOf<TestLink>();
  expectTypeOf(await kit.click(link)).toEqualTypeOf<Answer>();
  expectTypeOf(await kit.scan(link.url)).toEqualTypeOf<ScanStatuses>();
  expectTypeOf(await kit.log(link)).toEqualTypeOf<RequestTokenLog[]>();
  // @ts-expect-error the route says so
  await kit.link(EventsController, 'rsvp', { scope: 'rsvp' });
  // @ts-expect-error misspelt
  await kit.link(EventsController, 'rsvpp');
}
