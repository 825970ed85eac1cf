import { describe, expect, it } from '@jest/globals';
import { RequestTokenException } from '../common/exception.js';
import { newId } from '../common/uuid.js';
import { readClaims } from './read-claims.js';

const LEAST = { jti: '01890a5d-ac96-774b-bcce-b302099a8057', iat: 1767225600, mod: 'n', sub: 'unsubscribe' };
const FULL = {
  ...LEAST,
  mod: 'r',
  aud: '42',
  iss: 'https://example.com',
  nbf: 1767225600,
  exp: 1767312000,
  max: 3,
  tgt: '/unsubscribe',
};

function codeOf(payload: Record<string, unknown>): string | undefined {
  try {
    readClaims(payload);
    return undefined;
  } catch (error) {
    if (error instanceof RequestTokenException) return error.code;
    throw error;
  }
}

describe('readClaims', () => {
  it.each<[string, Record<string, unknown>]>([
    ['every claim', FULL],
    ['no more than jti, iat, mod and a scope', LEAST],
    ['a target instead of a scope', { ...LEAST, sub: undefined, tgt: '/unsubscribe' }],
    ['mode none with a recipient, who is known but not logged in', { ...FULL, mod: 'n' }],
    ['mode session with a recipient', { ...FULL, mod: 's' }],
    ['times before 1970', { ...LEAST, iat: -1, nbf: -1, exp: 0 }],
    ['a UUID in capitals', { ...LEAST, jti: LEAST.jti.toUpperCase() }],
    ['a UUID v4', { ...LEAST, jti: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }],
  ])('takes %s', (_, payload) => {
    expect(readClaims(payload)).toEqual(payload);
  });

  describe('of a deferred token', () => {
    const MOMENT = 1_767_225_600_300;
    const DEFERRED = {
      ...FULL,
      jti: newId(MOMENT),
      iat: Math.floor(MOMENT / 1_000),
      dfr: 1,
      dat: { a: ['ä', 1] },
    };

    it.each<[string, Record<string, unknown>]>([
      ['every claim', DEFERRED],
      ['no more than it needs', { ...LEAST, jti: DEFERRED.jti, iat: DEFERRED.iat, exp: 1, dfr: 1 }],
      [
        'the longest scope, and as many uses as a row can have',
        { ...DEFERRED, sub: 'x'.repeat(100), max: 2 ** 31 - 1 },
      ],
      [
        'the first and the last moment that a row can have',
        { ...DEFERRED, nbf: -210_866_803_200, exp: 8.64e12 },
      ],
    ])('takes %s', (_, payload) => {
      expect(readClaims(payload)).toEqual(payload);
    });

    it.each<[string, Record<string, unknown>]>([
      ['another mark than 1', { dfr: 2 }],
      ['a mark that is true', { dfr: true }],
      ['no end', { exp: undefined }],
      ['an end that no date can tell', { exp: 8.64e12 + 1 }],
      ['an end before PostgreSQL begins', { exp: -210_866_803_201 }],
      ['a beginning that no date can tell', { nbf: 8.64e12 + 1 }],
      ['more uses than a row can have', { max: 2 ** 31 }],
      ['a scope that is too long', { sub: 'x'.repeat(101) }],
      ['a scope that cannot be stored', { sub: 'a\0' }],
      ['a recipient that cannot be stored', { aud: 'a\0' }],
      ['a target that cannot be stored', { tgt: '/\ud800' }],
      ['a list as data', { dat: [1] }],
      ['a text as data', { dat: '{}' }],
      ['null as data', { dat: null }],
      ['data that cannot be stored', { dat: { a: [{ b: 'a\0' }] } }],
      ['data with a name that cannot be stored', { dat: { a: [{ '\ud800': 1 }] } }],
      ['an id that says nothing about time', { jti: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }],
      ['an id in capitals', { jti: DEFERRED.jti.toUpperCase() }],
      ['a time of issue that no date can tell', { iat: 8.64e12 + 1 }],
    ])('refuses %s', (_, wrong) => {
      expect(codeOf({ ...DEFERRED, ...wrong })).toBe('token_malformed');
    });

    it('has its data, which no other token has in its JWT', () => {
      expect(codeOf({ ...FULL, dat: {} })).toBe('token_malformed');
    });
  });

  it.each(['jti', 'iat', 'mod'])('refuses claims without %s', (name) => {
    expect(codeOf({ ...FULL, [name]: undefined })).toBe('token_malformed');
  });

  it.each(Object.keys(FULL))(
    'refuses %s that is null, because a claim that does not apply is absent',
    (name) => {
      expect(codeOf({ ...FULL, [name]: null })).toBe('token_malformed');
    },
  );

  it.each(Object.keys(FULL))('refuses %s that is a list, an object or a truth value', (name) => {
    const value = FULL[name as keyof typeof FULL];
    for (const wrong of [[value], { value }, {}, [], true, false]) {
      expect(codeOf({ ...FULL, [name]: wrong })).toBe('token_malformed');
    }
  });

  it.each(['jti', 'sub', 'aud', 'iss', 'mod', 'tgt'])('refuses %s that is empty or a number', (name) => {
    expect(codeOf({ ...FULL, [name]: '' })).toBe('token_malformed');
    expect(codeOf({ ...FULL, [name]: 42 })).toBe('token_malformed');
  });

  it.each(['iat', 'exp', 'nbf', 'max'])('refuses %s that is no whole, exact number', (name) => {
    for (const wrong of ['1767225600', 1.5, NaN, Infinity, -Infinity, 2 ** 53, 1e300]) {
      expect(codeOf({ ...FULL, [name]: wrong })).toBe('token_malformed');
    }
  });

  it.each([0, -1])('refuses max %d', (max) => {
    expect(codeOf({ ...FULL, max })).toBe('token_malformed');
  });

  it.each(['x', 'N', 'request', 'nr', '__proto__', 'toString'])('refuses mod %j', (mod) => {
    expect(codeOf({ ...FULL, mod })).toBe('token_malformed');
  });

  it.each([
    '42',
    LEAST.jti.slice(1),
    `${LEAST.jti} `,
    `${LEAST.jti}\n`,
    LEAST.jti.replaceAll('-', ''),
    '../x',
  ])('refuses the jti %j, which is no UUID', (jti) => {
    expect(codeOf({ ...FULL, jti })).toBe('token_malformed');
  });

  it('refuses claims that are bound to nothing', () => {
    expect(codeOf({ ...FULL, sub: undefined, tgt: undefined })).toBe('token_malformed');
  });

  it.each(['r', 's'])('refuses mod %s without a recipient', (mod) => {
    expect(codeOf({ ...FULL, mod, aud: undefined })).toBe('token_malformed');
  });
});
