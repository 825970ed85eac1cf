import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';
import { KeyRing } from '../jwt/key-ring.js';
import { BoundEntityUserLoader } from './bound-entity-user-loader.js';
import { fingerprintOf } from './fingerprint.js';
import { RequestTokenUserLoader } from './user-loader.js';

/**
 * Tokens that end when their user changes: the claim `usr` is a fingerprint of what the user had when the token was
 * issued, such as the hash of a password.
 */
@Injectable()
export class UserBinding {
  constructor(
    private readonly loader: RequestTokenUserLoader,
    private readonly keys: KeyRing,
  ) {}

  /** Whether the app says what tokens are bound to. */
  get isConfigured(): boolean {
    return this.loader.boundTo !== undefined;
  }

  /** What a user has, as a caller gave it; undefined if the user has to be loaded to tell. */
  valuesOfGiven(user: object): readonly unknown[] | undefined {
    const { loader } = this;
    const values =
      loader instanceof BoundEntityUserLoader ? loader.boundToGiven(user) : this.valuesOfLoaded(user);
    return values.includes(undefined) ? undefined : values;
  }

  /** @throws TypeError if the app's class gives no list */
  valuesOfLoaded(user: object): readonly unknown[] {
    const values: unknown = this.loader.boundTo?.(user);
    if (!Array.isArray(values)) throw new TypeError('boundTo must return a list of values');
    return values;
  }

  /**
   * The claim `usr` of a token that is about to be signed.
   *
   * @throws TypeError if one of the values cannot be told from others
   */
  claimOf(tokenId: string, values: readonly unknown[]): string {
    this.assertAllKeysKnown();
    return fingerprintOf(this.keys.fingerprintKey(), tokenId, values);
  }

  /**
   * @param jwt the token with these claims, verified: the id of its key chooses the key here, too
   * @throws RequestTokenException `token_user_changed`; also if nobody says any more what tokens are bound to, because
   *   a link that was to end with a password must not outlive it
   * @throws TypeError if the user was loaded without something that tokens are bound to
   */
  assertUnchanged(user: object, claims: RequestTokenClaims, jwt: string): void {
    if (claims.usr === undefined) return;
    if (!this.isConfigured) throw new RequestTokenException('token_user_changed', claims);
    const key = this.keys.fingerprintKeyOf(jwt);
    if (!key) throw this.missingPrivateKey();
    const expected = Buffer.from(fingerprintOf(key, claims.jti, this.valuesOfLoaded(user)));
    if (!timingSafeEqual(Buffer.from(claims.usr), expected)) {
      throw new RequestTokenException('token_user_changed', claims);
    }
  }

  /** @throws Error if tokens of one of the keys could not be held against their user */
  assertAllKeysKnown(): void {
    if (this.isConfigured && this.keys.publicOnly.length > 0) throw this.missingPrivateKey();
  }

  private missingPrivateKey(): Error {
    const [index] = this.keys.publicOnly;
    return new Error(
      `users.boundTo: of keys[${index}] only the public half is known, and what its tokens are bound to cannot be ` +
        'checked without the private one: give its privateKey, or drop the key',
    );
  }
}
