// For apps that compile with `exactOptionalPropertyTypes`: what may be missing may not be undefined. Checked by the
// compiler only (see public-api.spec.ts); nothing of it runs.
import { RequestTokenModule, type TokenService, UseRequestToken } from 'nestjs-request-token';

declare const tokens: TokenService;
declare const text: string | undefined;
declare const users: undefined;
declare const boundTo: string[] | undefined;
declare class User {}

const required = { keys: process.env.REQUEST_TOKEN_SECRET, baseUrl: process.env.PUBLIC_URL };

export function anEnvironmentVariableThatMayNotBeSetIsNoOption() {
  // @ts-expect-error tokens of every issuer would be accepted
  RequestTokenModule.forRoot({ ...required, issuer: process.env.ISSUER });
  // @ts-expect-error tokens would be valid for ever
  RequestTokenModule.forRoot({ ...required, defaults: { expiresIn: process.env.EXPIRES_IN } });
  // @ts-expect-error nobody would be looked up
  RequestTokenModule.forRoot({ ...required, users });
  // @ts-expect-error links would be bound to nothing
  RequestTokenModule.forRoot({ ...required, users: { entity: User, boundTo } });
  // @ts-expect-error the same from a factory
  RequestTokenModule.forRootAsync({ useFactory: () => ({ ...required, issuer: process.env.ISSUER }) });

  const issuer = process.env.ISSUER;
  RequestTokenModule.forRoot({ ...required, ...(issuer !== undefined && { issuer }) });
}

export async function whatBoundsATokenIsGivenOrLeftOut() {
  // @ts-expect-error any scope
  UseRequestToken({ scope: text });
  // @ts-expect-error for ever
  await tokens.issue({ scope: 'rsvp', expiresIn: text });
  // @ts-expect-error for nobody
  await tokens.issue({ scope: 'rsvp', user: text });
  // @ts-expect-error any scope
  await tokens.redeem('eyJ…', { scope: text });
  // @ts-expect-error of every scope
  await tokens.revoke({ user: 7, scope: text });
}
