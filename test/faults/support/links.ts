import type { IssueOptions, TokenService } from 'nestjs-request-token';

/** A token as a client has it, usable on every route of the app under fault. */
export interface Link {
  tokenId: string;
  jwt: string;
}

export async function issueLink(
  tokens: TokenService,
  options: Pick<IssueOptions, 'maxUses'> = {},
): Promise<Link> {
  const { token, jwt } = await tokens.issue({ scope: 'fault', ...options });
  return { tokenId: token.id, jwt };
}

const issueLinks = (tokens: TokenService, count: number, maxUses: number | null) =>
  Promise.all(Array.from({ length: count }, () => issueLink(tokens, { maxUses })));

/** Links that many clients share, and links that are used up by the first. */
export class LinkPool {
  private constructor(private readonly kinds: Link[][]) {}

  static async issue(tokens: TokenService): Promise<LinkPool> {
    return new LinkPool([
      await issueLinks(tokens, 100, 1),
      await issueLinks(tokens, 20, 5),
      await issueLinks(tokens, 3, 100),
      await issueLinks(tokens, 2, null),
    ]);
  }

  /** Every kind equally often; within a kind, the one that was not drawn for longest. */
  draw(): Link {
    const kind = this.kinds[Math.floor(Math.random() * this.kinds.length)];
    const link = kind.shift()!;
    kind.push(link);
    return link;
  }
}
