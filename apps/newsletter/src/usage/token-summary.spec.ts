import { describe, expect, it } from '@jest/globals';
import { RequestToken } from 'nestjs-request-token';
import { summaryOf } from './token-summary.js';

const now = new Date('2026-11-22T12:00:00Z');
const before = new Date('2026-11-22T11:00:00Z');
const after = new Date('2026-11-22T13:00:00Z');

const token = (properties: Partial<RequestToken>): RequestToken =>
  Object.assign(new RequestToken(), {
    id: '019a0000-0000-7000-8000-000000000000',
    scope: 'rsvp',
    targetPath: '/events/x/rsvp',
    userId: '7',
    issuedAt: before,
    notBefore: null,
    expiresAt: after,
    revokedAt: null,
    maxUses: 1,
    useCount: 0,
    ...properties,
  });

describe('summaryOf', () => {
  it.each([
    [{}, 'usable', '1 of 1'],
    [{ maxUses: null, useCount: 3 }, 'usable', 'unlimited'],
    [{ maxUses: 5, useCount: 2 }, 'usable', '3 of 5'],
    [{ expiresAt: null }, 'usable', '1 of 1'],
    [{ useCount: 1 }, 'used up', '0 of 1'],
    [{ expiresAt: now, useCount: 1 }, 'expired', '0 of 1'],
    [{ notBefore: after }, 'not valid yet', '1 of 1'],
    [{ revokedAt: before, expiresAt: before }, 'revoked', '1 of 1'],
  ])('%j is %s, with %s left', (properties, state, usesLeft) => {
    expect(summaryOf(token(properties), 'ann@example.org', now)).toMatchObject({ state, usesLeft });
  });

  it('says what is missing', () => {
    expect(summaryOf(token({ scope: null, targetPath: null, userId: null }), undefined, now)).toMatchObject({
      scope: '(any)',
      target: '(any page of its scope)',
      recipient: '(nobody)',
    });
    expect(summaryOf(token({}), undefined, now).recipient).toBe('(unknown: 7)');
  });
});
