import { describe, expect, it } from '@jest/globals';
import { RequestToken } from 'nestjs-request-token';
import { isRenewable, usesLeft } from './renewal.js';

const token = (properties: Partial<RequestToken> = {}): RequestToken =>
  Object.assign(new RequestToken(), {
    scope: 'rsvp',
    targetPath: '/events/x/rsvp',
    userId: '7',
    revokedAt: null,
    maxUses: 1,
    useCount: 0,
    ...properties,
  });

describe('isRenewable', () => {
  it.each([{}, { scope: 'unsubscribe', maxUses: null, useCount: 5 }, { maxUses: 3, useCount: 2 }])(
    'allows %j',
    (properties) => expect(isRenewable(token(properties))).toBe(true),
  );

  it.each<Partial<RequestToken>>([
    { scope: null },
    { scope: 'log-in' },
    { targetPath: null },
    { userId: null },
    { revokedAt: new Date() },
    { useCount: 1 },
  ])('refuses %j', (properties) => expect(isRenewable(token(properties))).toBe(false));

  it('refuses a token whose row is gone', () => expect(isRenewable(null)).toBe(false));
});

describe('usesLeft', () => {
  it.each([
    [null, 4, null],
    [3, 1, 2],
    [1, 1, 0],
  ])('of %s, %s of them used, are %s', (maxUses, useCount, left) => {
    expect(usesLeft(token({ maxUses, useCount }))).toBe(left);
  });
});
