import { HttpException, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type RequestTokenClaims, standsForUser } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';
import { isIndexable, isStorable, MAX_INDEXED_BYTES } from '../common/storable.js';
import { within } from '../database/deadline.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { BoundEntityUserLoader } from './bound-entity-user-loader.js';
import { EntityUserLoader } from './entity-user-loader.js';
import { IdUserLoader } from './id-user-loader.js';
import { UserBinding } from './user-binding.js';
import { RequestTokenUserLoader } from './user-loader.js';

/** Whom a token is issued to. */
export interface Recipient {
  id?: string;
  /** What the token is bound to; undefined if to nothing. */
  boundTo?: readonly unknown[];
}

/** The users that tokens stand for, and whether somebody is one of them. */
@Injectable()
export class Recipients {
  /** The keys of loaded users that are not their token's `aud` to the letter: of another form, or none at all. */
  private readonly otherKeys = new WeakMap<object, string | undefined>();

  constructor(
    private readonly loader: RequestTokenUserLoader,
    private readonly bounds: StatementBounds,
    readonly binding: UserBinding,
  ) {}

  /** The primary key, as text, of a user given as such or as an object; undefined if it has none. */
  idOf(user: unknown): string | undefined {
    const key = typeof user === 'object' && user !== null ? this.keyOf(user) : user;
    if (typeof key === 'string') return key !== '' && isStorable(key) ? key : undefined;
    return Number.isSafeInteger(key) || typeof key === 'bigint' ? String(key) : undefined;
  }

  /**
   * As {@link idOf}, for a user that a caller gave; undefined if none was.
   *
   * @throws TypeError if it has no primary key, or one that is too long for the index of tokens
   */
  givenId(user: unknown): string | undefined {
    if (user === undefined) return undefined;
    const id = this.idOf(user);
    if (id === undefined) throw new TypeError('user must be a primary key, or a user object that has one');
    if (!isIndexable(id))
      throw new TypeError(`user: a primary key may have at most ${MAX_INDEXED_BYTES} bytes`);
    return id;
  }

  /**
   * As {@link givenId}, in the form that the database gives the key back in: what finds the user is the user's
   * key, be it in capitals or with zeros before it. A class of the app has to be asked for the user, unless the
   * object is given. A key that finds nobody is left as it is. No promise where nobody has to be asked.
   *
   * @param manager the caller's transaction, if there is one
   * @param otherwise what to do if a class of the app fails. To issue, a key will do as it was given: most are
   *   given in their own form, and a directory that is down need not stop a mailing
   * @throws TypeError if it has no primary key
   */
  givenKey(
    user: unknown,
    manager: EntityManager | undefined,
    otherwise: 'as given' | 'fail',
  ): string | undefined | Promise<string> {
    const id = this.givenId(user);
    const { loader } = this;
    if (id === undefined || loader instanceof IdUserLoader) return id;
    if (loader instanceof EntityUserLoader) {
      return loader.formOf(id) ?? loader.findForm(id, manager).then((key) => this.idOf(key) ?? id);
    }
    return typeof user === 'object' ? id : this.askForKey(id, manager, otherwise);
  }

  /**
   * As {@link givenKey}, to issue a token that ends when the user changes. One look-up, unless the object is given,
   * with all that tells.
   *
   * @throws TypeError if it has no primary key, or there is no such user: what the token is bound to is not known then
   */
  async givenBound(user: unknown, manager: EntityManager | undefined): Promise<Recipient> {
    const id = this.givenId(user);
    if (id === undefined) return {};
    if (typeof user === 'object' && user !== null) {
      const boundTo = this.binding.valuesOfGiven(user);
      if (boundTo) return { id: await this.givenKey(user, manager, 'as given'), boundTo };
    }
    const found = await this.ask(id, manager);
    const key = found ? this.idOf(found) : undefined;
    if (!found || !this.isAnswerTo(id, key)) {
      throw new TypeError(
        'issue: there is no such user, whom the token is to be bound to; give manager if a transaction has just made it',
      );
    }
    return { id: key ?? id, boundTo: this.binding.valuesOfLoaded(found) };
  }

  /**
   * That it is the object which was loaded says nothing: it may have been changed in place since, to be somebody
   * else. Only users who never had a key are known by their object.
   *
   * @param loaded what {@link load} gave for these claims, when it was asked
   * @throws RequestTokenException `token_audience_mismatch` if the token stands for a user, and `user` is another
   */
  assertIs(user: unknown, claims: RequestTokenClaims, loaded?: object): void {
    if (!standsForUser(claims)) return;
    const id = this.idOf(user);
    if (id === claims.aud) return;
    const key = loaded !== undefined && this.otherKeys.has(loaded) ? this.otherKeys.get(loaded) : claims.aud;
    const isTheirs =
      id === undefined
        ? key === undefined && user === loaded
        : this.formOf(id) === this.formOf(key ?? claims.aud);
    if (!isTheirs) throw new RequestTokenException('token_audience_mismatch', claims);
  }

  /**
   * For a user that a caller gave, in whatever form. Who asks for a token of that user means no other, and none
   * that is nobody's, whatever its login mode.
   *
   * @throws TypeError if it has no primary key
   * @throws RequestTokenException `token_audience_mismatch`
   */
  async assertIsGiven(user: unknown, claims: RequestTokenClaims, manager?: EntityManager): Promise<void> {
    if (this.givenId(user) === claims.aud) return;
    if (claims.aud === undefined || (await this.givenKey(user, manager, 'fail')) !== claims.aud) {
      throw new RequestTokenException('token_audience_mismatch', claims);
    }
  }

  /**
   * The recipient of a token that stands for a user; undefined for one that does not.
   *
   * @param jwt the token with these claims, verified
   * @throws RequestTokenException `token_user_not_found`, `token_user_changed`
   */
  async load(claims: RequestTokenClaims, jwt: string, manager?: EntityManager): Promise<object | undefined> {
    if (!standsForUser(claims)) return undefined;
    const user = await this.ask(claims.aud, manager);
    const key = user ? this.idOf(user) : undefined;
    if (!user || !this.isAnswerTo(claims.aud, key)) {
      throw new RequestTokenException('token_user_not_found', claims);
    }
    this.binding.assertUnchanged(user, claims, jwt);
    if (this.loader instanceof BoundEntityUserLoader) this.loader.conceal(user);
    if (key !== claims.aud) this.otherKeys.set(user, key);
    return user;
  }

  private async askForKey(
    id: string,
    manager: EntityManager | undefined,
    otherwise: 'as given' | 'fail',
  ): Promise<string> {
    try {
      const user = await this.ask(id, manager);
      const key = user ? this.idOf(user) : undefined;
      return key !== undefined && this.isAnswerTo(id, key) ? key : id;
    } catch (error) {
      // An HttpException is its way to say that there is no such user, or none who may come in.
      if (otherwise === 'as given' || error instanceof HttpException) return id;
      throw error;
    }
  }

  /** A loader of the app's may wait for anything, and for ever. Ours keep the bound themselves, or need none. */
  private ask(id: string, manager: EntityManager | undefined): Promise<object | null | undefined> {
    const asked = this.loader.load(id, manager);
    const isOurs = this.loader instanceof EntityUserLoader || this.loader instanceof IdUserLoader;
    return manager || isOurs ? asked : within(Promise.resolve(asked), this.bounds.soon());
  }

  /** A look-up gone wrong may answer with anybody, such as the first row of the table. */
  private isAnswerTo(id: string, key = id): boolean {
    // Our own look-up asks the database for this key, which knows best what is the same.
    return key === id || this.loader instanceof EntityUserLoader || plain(key) === plain(id);
  }

  private formOf(id: string): string {
    return (this.loader instanceof EntityUserLoader && this.loader.formOf(id)) || id;
  }

  private keyOf(user: object): unknown {
    return this.loader.identify ? this.loader.identify(user) : (user as { id?: unknown }).id;
  }
}

/** The same for all forms of a key that apps take for one: in capitals or not, a uuid's hyphens, a number's zeros. */
const plain = (key: string): string =>
  key
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s{}]|\b-\b/g, '')
    .replace(/^\+?0*(?=\d)/, '');
