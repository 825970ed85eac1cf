import { describe, expect, it } from '@jest/globals';
import { LoginMode, modeClaim, standsForUser } from './claims.js';

describe('LoginMode', () => {
  it('has three modes, and cannot be changed', () => {
    expect(LoginMode).toEqual({ None: 'none', Request: 'request', Session: 'session' });
    expect(Object.isFrozen(LoginMode)).toBe(true);
  });

  it('is a single letter in the JWT', () => {
    expect(Object.values(LoginMode).map(modeClaim)).toEqual(['n', 'r', 's']);
  });
});

describe('standsForUser', () => {
  const CLAIMS = { jti: '01890a5d-ac96-774b-bcce-b302099a8057', iat: 1767225600, aud: '42' };

  it.each([
    ['n', false],
    ['r', true],
    ['s', true],
  ] as const)('mod %s: %p', (mod, expected) => {
    expect(standsForUser({ ...CLAIMS, mod })).toBe(expected);
  });
});
