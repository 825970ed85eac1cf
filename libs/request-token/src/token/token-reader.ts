import { Injectable } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenClock } from '../common/clock.js';
import { RequestTokenException } from '../common/exception.js';
import { Readiness } from '../common/readiness.js';
import { TokenCodec } from '../jwt/token.codec.js';
import { Links } from '../routes/links.js';

/** Reads what callers give as a JWT, or as a link; asks no database. */
@Injectable()
export class TokenReader {
  constructor(
    private readonly codec: TokenCodec,
    private readonly links: Links,
    private readonly clock: RequestTokenClock,
    private readonly readiness: Readiness,
  ) {}

  /** @throws RequestTokenException as {@link TokenCodec.verify} */
  async verify(jwt: string): Promise<RequestTokenClaims> {
    if (typeof jwt !== 'string') throw new RequestTokenException('token_malformed');
    await this.readiness.ready;
    return this.codec.verify(jwt, this.clock.now());
  }

  /**
   * A token whose signature is good, with the reason to refuse it all the same.
   *
   * @throws RequestTokenException if there is none in it, or its signature is not ours
   */
  async read(
    jwtOrUrl: string,
  ): Promise<{ jwt: string; claims: RequestTokenClaims; refusal?: RequestTokenException }> {
    await this.readiness.ready;
    const jwt = typeof jwtOrUrl === 'string' ? this.links.tokenIn(jwtOrUrl) : undefined;
    if (jwt === undefined) throw new RequestTokenException('token_missing');
    try {
      return { jwt, claims: await this.verify(jwt) };
    } catch (refusal) {
      if (refusal instanceof RequestTokenException && refusal.claims) {
        return { jwt, claims: refusal.claims, refusal };
      }
      throw refusal;
    }
  }
}
