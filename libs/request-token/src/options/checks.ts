import { ValidateBy } from 'class-validator';
import { toMilliseconds } from '../common/duration.js';
import { isObject } from '../common/given.js';
import { parseUrl } from '../common/parse-url.js';

/** Fails with the message of whatever `check` throws. */
export const PassesCheck = (name: string, check: (value: unknown) => void) => {
  const problem = (value: unknown): string | undefined => {
    try {
      check(value);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return ValidateBy({
    name,
    validator: {
      validate: (value) => problem(value) === undefined,
      defaultMessage: (args) => problem(args?.value) ?? '',
    },
  });
};

export const IsDuration = (name: string, minimum: 'positive' | 'zero') =>
  PassesCheck('isDuration', (value) => {
    const milliseconds = toMilliseconds(value);
    const isLongEnough = minimum === 'positive' ? milliseconds > 0 : milliseconds >= 0;
    if (!isLongEnough || Number.isNaN(new Date(Date.now() + milliseconds).getTime())) {
      throw new Error(`${name} must be a duration such as '10m' or '30d', or a number of seconds`);
    }
  });

export const IsFunction = (name: string) =>
  PassesCheck('isFunction', (value) => {
    if (typeof value !== 'function') throw new Error(`${name} must be a function`);
  });

export function checkSessions(value: unknown): void {
  if (!isObject(value) || typeof value.logIn !== 'function') {
    throw new Error('sessions must have a method logIn, as passportSessions has');
  }
}

/** An origin as a browser says it; undefined for what is none, or has anything else with it. */
function originOf(value: unknown): string | undefined {
  return typeof value === 'string' && BARE_ORIGIN.test(value) ? parseUrl(value)?.origin : undefined;
}

/** No user, path, query or fragment, not even empty; and no pattern, because links lead there. */
const BARE_ORIGIN = /^https?:\/\/[^\s/\\?#@*]+(?<!:)$/i;

export function checkFrontends(value: unknown): void {
  if (!Array.isArray(value)) {
    throw new Error("frontends must be a list of origins, such as ['https://app.example.com']");
  }
  const wrong = value.findIndex((each) => originOf(each) === undefined);
  if (wrong === -1) return;
  throw new Error(
    `frontends[${wrong}] must be an http(s) origin such as https://app.example.com, with nothing behind its host and port, not even a slash`,
  );
}

export function checkBaseUrl(value: unknown): void {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new Error(
      'baseUrl must be an absolute http(s) URL without query, such as https://example.com: links are built on it, never on the Host header',
    );
  }
  // The redirect that logs in has its path and no host, and would lead to one of that name.
  if (/^\/\/+[^/]/.test(url.pathname)) throw new Error('baseUrl must not have two slashes behind its host');
}
