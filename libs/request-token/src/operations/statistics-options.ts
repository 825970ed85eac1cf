import { checkOf } from '../common/given.js';
import type { RequestTokenErrorCode } from '../common/exception.js';

/**
 * What is counted, and by what.
 *
 * @publicApi
 */
export interface StatisticsOptions {
  /** The hour that this moment is in is the first. */
  from: Date;
  /** The hour that this moment is in is the last, unless it begins then. */
  to: Date;
  /** Of tokens of this scope only. */
  scope?: string;
  /** Days and hours are those of UTC. */
  by: 'day' | 'hour' | 'scope';
}

/**
 * What became of tokens within a day, an hour, or of those of a scope. An attempt counts when it was made, a token when
 * it was issued.
 *
 * @publicApi
 */
export interface Statistic {
  /** `2027-03-01`, `2027-03-01T14:00:00.000Z`, or the scope; empty for tokens without one. */
  key: string;
  /** Tokens, deferred ones included. */
  issued: number;
  /** Uses that were kept. */
  used: number;
  /** Uses that were given back, because the handler failed. */
  released: number;
  /** Attempts that were refused, by code. */
  refused: { [Code in RequestTokenErrorCode]?: number };
  /** Different users whose uses were kept: exact up to 1,023, beyond that within some 3 %. */
  users: number;
}

const REQUIRED = 'give it';

export const checkStatisticsOptions = checkOf<StatisticsOptions>('statistics', "{ from, to, by: 'day' }", {
  from: REQUIRED,
  to: REQUIRED,
  scope: 'leave it out for all scopes',
  by: REQUIRED,
});
