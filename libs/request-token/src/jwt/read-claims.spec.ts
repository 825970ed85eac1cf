import { describe, expect, it } from '@jest/globals';
import { RequestTokenException } from '../common/exception.js';
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
