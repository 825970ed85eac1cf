import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { assertBooleans, checkOf, isObject } from '../common/given.js';

/** Who is who, for the pages of the admin. */
export interface RequestTokenAdminUsers {
  /**
   * What a recipient is called, such as a name or an address.
   *
   * @param user the primary key, as text
   */
  label(user: string): string | undefined | Promise<string | undefined>;
  /**
   * The users that a text may mean, as primary keys or objects that have one as `id`.
   *
   * @param text what somebody has typed: an address, a part of a name
   */
  find(text: string): AdminUser[] | Promise<AdminUser[]>;
}

export type AdminUser = string | number | bigint | { id: unknown };

/**
 * What can be made by a factory.
 *
 * @publicApi
 */
export interface RequestTokenAdminSettings {
  /** Whether there are no buttons, and nothing can be changed. Default: false. */
  readOnly?: boolean;
  /** Without it, recipients are shown as their primary keys. */
  users?: RequestTokenAdminUsers;
}

export type AdminGuard = Type<CanActivate> | CanActivate;

interface Mounting {
  /** Below the app's global prefix. Default: `'request-tokens'`. */
  path?: string;
  /** Who may come in: guards of the app, in their order. There is no admin without one. */
  guards: AdminGuard[];
  /** Modules that have what the guards inject. */
  imports?: ModuleMetadata['imports'];
}

/**
 * How the admin is mounted.
 *
 * @publicApi
 */
export type RequestTokenAdminOptions = Mounting & RequestTokenAdminSettings;

/**
 * As {@link RequestTokenAdminOptions}, with settings by a factory.
 *
 * @publicApi
 */
export interface RequestTokenAdminAsyncOptions extends Mounting {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is injected, Nest knows
  useFactory: (...args: any[]) => RequestTokenAdminSettings | Promise<RequestTokenAdminSettings>;
  inject?: Parameters<typeof Reflect.construct>[1];
}

const GUARDS = 'say who may come in';

const checkMounted = checkOf<RequestTokenAdminOptions>('register', '{ guards: [AdminGuard] }', {
  path: null,
  guards: GUARDS,
  imports: null,
  readOnly: null,
  users: null,
});

const checkMountedAsync = checkOf<RequestTokenAdminAsyncOptions>(
  'registerAsync',
  '{ guards: [AdminGuard], useFactory }',
  { path: null, guards: GUARDS, imports: null, useFactory: null, inject: null },
);

const checkMadeSettings = checkOf<RequestTokenAdminSettings>(
  'RequestTokenAdminModule',
  '{ readOnly: true }',
  {
    readOnly: null,
    users: null,
  },
);

/** @throws TypeError if something is wrong, and there would be an admin for everybody above all */
export function checkAdminOptions(options: RequestTokenAdminOptions): void {
  const where = 'RequestTokenAdminModule.register';
  checkMounted(options, where);
  checkMounting(options, where);
  const { readOnly, users } = options;
  checkSettings({ readOnly, users });
}

/** @throws TypeError as {@link checkAdminOptions} */
export function checkAdminAsyncOptions(options: RequestTokenAdminAsyncOptions): void {
  const where = 'RequestTokenAdminModule.registerAsync';
  checkMountedAsync(options, where);
  checkMounting(options, where);
  if (typeof options.useFactory !== 'function') throw new TypeError(`${where}: give useFactory`);
}

/** @throws TypeError if a factory has made something else */
export function checkSettings(settings: RequestTokenAdminSettings): RequestTokenAdminSettings {
  checkMadeSettings(settings);
  assertBooleans('RequestTokenAdminModule', settings, ['readOnly']);
  const { users } = settings;
  if (users !== undefined) {
    const { label, find } = isObject(users) ? users : ({} as Partial<RequestTokenAdminUsers>);
    if (typeof label !== 'function' || typeof find !== 'function') {
      throw new TypeError('RequestTokenAdminModule: users must have the methods label(user) and find(text)');
    }
  }
  return settings;
}

function checkMounting({ guards, path }: Mounting, where: string): void {
  if (!Array.isArray(guards) || guards.length === 0) {
    throw new TypeError(
      `${where}: guards is empty, so that everybody could come in: give the guards of your app`,
    );
  }
  for (const guard of guards) {
    if (!isGuard(guard)) {
      throw new TypeError(
        `${where}: each of guards must be a guard, with a method canActivate; one that is undefined is most often imported in a circle`,
      );
    }
  }
  if (path !== undefined && (typeof path !== 'string' || !/^\/?[\w.~-]+(\/[\w.~-]+)*$/.test(path))) {
    throw new TypeError(`${where}: path must be a path without parameters, such as 'support/request-tokens'`);
  }
}

function isGuard(given: unknown): boolean {
  const guard: unknown = typeof given === 'function' ? given.prototype : given;
  return isObject(guard) && typeof guard.canActivate === 'function';
}
