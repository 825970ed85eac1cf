import type { TokenService } from 'nestjs-request-token';
import type { User } from '../../../support/user.entity.js';

/** What `TokenService` can do with one token. */
export async function lifeOfALink(tokens: TokenService, user: User) {
  const { url, jwt, token } = await tokens.issue({ user, scope: 'invoice', expiresIn: '30d', maxUses: 2 });
  const claims = await tokens.verify(jwt); // signature and times; asks no database
  const row = await tokens.redeem(jwt, { scope: 'invoice' }); // takes a use outside HTTP, in a queue worker, say
  const { usable, code, logs } = await tokens.inspect(url); // why does it not work? takes no use
  const revoked = await tokens.revoke(token.id); // or { user }, { scope }, { user, scope }
  return { url, claims, row, usable, code, logs, revoked };
}

/** Links for all of a mailing, in constant memory; give it a stream of your database. */
export async function linksFor(
  tokens: TokenService,
  users: AsyncIterable<User>,
  send: (url: string) => void,
) {
  async function* items() {
    for await (const user of users) yield { user, scope: 'invoice', expiresIn: '30d' };
  }
  for await (const { url } of tokens.issueMany(items(), { batchSize: 1_000 })) send(url);
}
