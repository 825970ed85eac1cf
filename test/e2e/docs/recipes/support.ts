import { Injectable } from '@nestjs/common';
import { TokenService } from 'nestjs-request-token';

@Injectable()
export class LinkSupport {
  constructor(private readonly tokens: TokenService) {}

  /** What became of a link that a customer has sent us. */
  async explain(link: string) {
    const { usable, code, token, logs } = await this.tokens.inspect(link);
    return {
      answer: usable ? 'It works.' : `It fails: ${code}`,
      issuedAt: token?.issuedAt,
      uses: token && `${token.useCount} of ${token.maxUses ?? 'any number'}`,
      attempts: logs.map(({ startedAt, outcome, userAgent }) => ({ startedAt, outcome, userAgent })),
    };
  }

  /** All links that a user was ever sent stop working. */
  revokeAllOf(userId: number): Promise<number> {
    return this.tokens.revoke({ user: userId });
  }
}
