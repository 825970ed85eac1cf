import type { EntityManager } from 'typeorm';

/**
 * Everything that may stand in an object of options. For what bounds a token or a call: what to do instead of
 * giving `undefined`, which is a look-up gone wrong more often than a wish. For the rest: null.
 */
export type Known<Options> = { readonly [Name in keyof Required<Options>]: string | null };

/**
 * Makes a check of options: of their properties' names, and of values that should not be undefined.
 *
 * @param example for who gives no object at all, such as `{ scope: 'rsvp' }`
 * @returns a check, which may be told where else the options stand than in this call
 */
export function checkOf<Options>(call: string, example: string, known: Known<Options>) {
  const instead = new Map(Object.entries<string | null>(known));
  const bounds = [...instead].filter((entry): entry is [string, string] => entry[1] !== null);
  /** @throws TypeError that names what is wrong, and says what to give */
  return (given: unknown, where = call): void => {
    if (!isObject(given)) throw new TypeError(`${where}: give an object such as ${example}`);
    for (const name of Object.keys(given)) {
      const advice = instead.get(name);
      if (advice === undefined) {
        const names = [...instead.keys()].join(', ');
        throw new TypeError(`${where}: ${name} is not an option; there are ${names}`);
      }
      if (advice !== null && given[name] === undefined) {
        throw new TypeError(`${where}: ${problemOf(name, advice)}`);
      }
    }
    // What a class has by its getters, say. Most are plain, of which a mailing has one for each link.
    if (Object.getPrototypeOf(given) === Object.prototype) return;
    for (const problem of undefinedAmong(given, bounds)) throw new TypeError(`${where}: ${problem}`);
  };
}

/** What is there and undefined among these properties, and what to do instead of each. */
export function undefinedAmong(given: object, bounds: [name: string, instead: string][]): string[] {
  return bounds
    .filter(([name]) => name in given && (given as Record<string, unknown>)[name] === undefined)
    .map(([name, instead]) => problemOf(name, instead));
}

const problemOf = (name: string, instead: string): string => `${name} is undefined; ${instead}`;

/** An object whose properties are meant: no array, no null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws TypeError if one of these is there and something else than true or false */
export function assertBooleans(where: string, given: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw new TypeError(`${where}: ${name} must be true or false`);
    }
  }
}

/** @throws TypeError if a property is there and no text */
export function assertTexts(where: string, given: object): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && typeof value !== 'string') {
      throw new TypeError(`${where}: ${name} must be a text`);
    }
  }
}

/**
 * By its looks, for an app may have two copies of TypeORM. Data sources, repositories and query runners look
 * alike, and each lacks one of these; so does null, which would write outside of the caller's transaction.
 *
 * @throws TypeError if it is something else, undefined excepted
 */
export function assertManager(call: string, manager: unknown): asserts manager is EntityManager | undefined {
  if (manager === undefined) return;
  const { findOneBy, transaction } = (manager ?? {}) as Partial<EntityManager>;
  if (typeof findOneBy !== 'function' || typeof transaction !== 'function') {
    throw new TypeError(`${call}: manager must be the EntityManager of a transaction`);
  }
}

/** @throws TypeError if it is no object at all, such as the request that somebody has looked for in vain */
export function assertRequest(call: string, request: unknown): void {
  if (typeof request !== 'object' || request === null) {
    throw new TypeError(
      `${call}: request must be the framework's request, and is ${request === null ? 'null' : typeof request}`,
    );
  }
}
