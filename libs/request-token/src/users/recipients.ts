import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RequestTokenException } from '../request-token.exception.js';
import { type RequestTokenClaims, standsForUser } from '../token/claims.js';
import { isStorable } from '../storable.js';
import { RequestTokenUserLoader } from './user-loader.js';

/** The users that tokens stand for, and whether somebody is one of them. */
@Injectable()
export class Recipients {
  constructor(private readonly loader: RequestTokenUserLoader) {}

  /** The primary key, as text, of a user given as such or as an object; undefined if it has none. */
  idOf(user: unknown): string | undefined {
    const key = typeof user === 'object' && user !== null ? this.keyOf(user) : user;
    if (typeof key === 'string') return key !== '' && isStorable(key) ? key : undefined;
    return Number.isSafeInteger(key) || typeof key === 'bigint' ? String(key) : undefined;
  }

  /**
   * As {@link idOf}, for a user that a caller gave; undefined if none was.
   *
   * @throws TypeError if it has no primary key
   */
  givenId(user: unknown): string | undefined {
    if (user === undefined) return undefined;
    const id = this.idOf(user);
    if (id === undefined) throw new TypeError('user must be a primary key, or a user object that has one');
    return id;
  }

  /**
   * @param loaded what {@link load} gave for these claims, when it was asked
   * @throws RequestTokenException `token_audience_mismatch` if the token stands for a user, and `user` is another
   */
  assertIs(user: unknown, claims: RequestTokenClaims, loaded?: object): void {
    if (!standsForUser(claims) || (loaded !== undefined && user === loaded)) return;
    if (this.idOf(user) !== claims.aud) throw new RequestTokenException('token_audience_mismatch', claims);
  }

  /**
   * The recipient of a token that stands for a user; undefined for one that does not.
   *
   * @throws RequestTokenException `token_user_not_found`
   */
  async load(claims: RequestTokenClaims, manager?: EntityManager): Promise<object | undefined> {
    if (!standsForUser(claims)) return undefined;
    const user = await this.loader.load(claims.aud, manager);
    // A look-up gone wrong may answer with anybody, such as the first row of the table.
    if (!user || (this.idOf(user) ?? claims.aud) !== claims.aud) {
      throw new RequestTokenException('token_user_not_found', claims);
    }
    return user;
  }

  private keyOf(user: object): unknown {
    return this.loader.identify ? this.loader.identify(user) : (user as { id?: unknown }).id;
  }
}
