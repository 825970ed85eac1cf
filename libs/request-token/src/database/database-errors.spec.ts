import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import {
  isAboutContent,
  isConflict,
  isEndOfConnection,
  isForAnotherConnection,
  isOutcomeUnknown,
  NotSent,
  sqlStateOf,
} from './database-errors.js';

const raw = (code?: string, message = 'failed') => Object.assign(new Error(message), code && { code });
const failed = (code?: string) => new QueryFailedError('', [], raw(code));

/** What an error means, in a word for each question that it says yes to. */
const meaning = (error: unknown) => [
  ...(isOutcomeUnknown(error) ? ['unknown'] : []),
  ...(isConflict(error) ? ['conflict'] : []),
  ...(isForAnotherConnection(error) ? ['elsewhere'] : []),
  ...(isAboutContent(error) ? ['content'] : []),
];

describe('An error of the database', () => {
  it.each<[string, unknown, string[]]>([
    ['a lost connection', failed(), ['unknown']],
    ['a write to a lost connection', failed('EPIPE'), ['unknown']],
    ['a reset connection', failed('ECONNRESET'), ['unknown']],
    ['a connection failure', failed('08006'), ['unknown']],
    ['a server that goes down', failed('57P01'), ['unknown']],
    ['a crash', failed('57P02'), ['unknown']],
    ['an unknown completion', failed('40003'), ['unknown']],
    ['an idle session that was ended', failed('57P05'), ['elsewhere']],
    ['a server that has become read-only', failed('25006'), ['elsewhere']],
    ['a failed transaction that was left', failed('25P02'), ['elsewhere']],
    ['a serialization failure', failed('40001'), ['conflict']],
    ['a deadlock', failed('40P01'), ['conflict']],
    ['a canceled statement', failed('57014'), []],
    ['a lock that was not available', failed('55P03'), []],
    ['a duplicate key', failed('23505'), ['content']],
    ['a missing table', failed('42P01'), []],
    ['a connection that is refused', new NotSent(raw('ECONNREFUSED')), ['elsewhere']],
    ['a server that starts', new NotSent(raw('57P03')), ['elsewhere']],
    [
      'a connection that is dead',
      new NotSent(raw(undefined, 'Client was closed and is not queryable')),
      ['elsewhere'],
    ],
    [
      'a pool that has no connection in time',
      new NotSent(raw(undefined, 'timeout exceeded when trying to connect')),
      [],
    ],
    ['a wrong password', new NotSent(raw('28P01')), []],
  ])('is understood: %s', (_, error, expected) => {
    expect(meaning(error)).toEqual(expected);
  });

  it.each<[boolean, (string | undefined)[]]>([
    [true, [undefined, 'EPIPE', 'ECONNRESET', '08006', '57P01', '57P05', '25006', '25P02']],
    [false, ['23505', '40001', '57014', '42P01', '22P05', '26000']],
  ])('says whether its connection is of no more use (%p)', (isUseless, codes) => {
    expect(codes.filter((code) => isEndOfConnection(raw(code)) !== isUseless)).toEqual([]);
  });

  it('has a SQLSTATE only if PostgreSQL has said so', () => {
    expect(['23505', '57P01', 'EPIPE', 'EPERM', 'x', undefined].map((code) => sqlStateOf(raw(code)))).toEqual(
      [...['23505', '57P01', undefined, undefined, undefined, undefined]],
    );
  });
});
