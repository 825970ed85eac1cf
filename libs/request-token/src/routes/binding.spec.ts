import { describe, expect, it } from '@jest/globals';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';
import { assertBinding, type Binding } from './binding.js';

const claims = (bound: Pick<RequestTokenClaims, 'sub' | 'tgt'>): RequestTokenClaims => ({
  jti: '01890a5d-ac96-774b-bcce-b302099a8057',
  iat: 1767225600,
  mod: 'n',
  ...bound,
});

function refusal(token: RequestTokenClaims, place: Binding): RequestTokenException | undefined {
  try {
    assertBinding(token, place);
    return undefined;
  } catch (error) {
    if (error instanceof RequestTokenException) return error;
    throw error;
  }
}

const SCOPED = claims({ sub: 'rsvp' });
const TARGETED = claims({ tgt: '/rsvp/7' });
const BOTH = claims({ sub: 'rsvp', tgt: '/rsvp/7' });

describe('assertBinding', () => {
  it.each<[string, RequestTokenClaims, Binding]>([
    ['a token of the scope', SCOPED, { scope: 'rsvp', target: '/anywhere' }],
    ['a token of the scope, where the path is not asked for', SCOPED, { scope: 'rsvp' }],
    ['a token of the scope and the path', BOTH, { scope: 'rsvp', target: '/rsvp/7' }],
    ['a token of the path, at a place without a scope', TARGETED, { target: '/rsvp/7' }],
    ['a token of the path and any scope, at a place without a scope', BOTH, { target: '/rsvp/7' }],
    ['any token, where nothing is asked for', TARGETED, {}],
  ])('takes %s', (_, token, place) => {
    expect(refusal(token, place)).toBeUndefined();
  });

  it.each<[string, RequestTokenClaims, Binding]>([
    ['another scope', SCOPED, { scope: 'unsubscribe', target: '/rsvp/7' }],
    ['a scope that differs in case', SCOPED, { scope: 'RSVP' }],
    ['a longer scope', SCOPED, { scope: 'rsvp2' }],
    [
      'no scope, at a place with one, although the path is right',
      TARGETED,
      { scope: 'rsvp', target: '/rsvp/7' },
    ],
    ['no path, at a place that has only a path', SCOPED, { target: '/rsvp/7' }],
  ])('refuses a token of %s as token_scope_mismatch, with its claims', (_, token, place) => {
    const error = refusal(token, place);
    expect([error?.code, error?.claims]).toEqual(['token_scope_mismatch', token]);
  });

  it.each<[string, RequestTokenClaims, Binding]>([
    ['another path', TARGETED, { target: '/rsvp/8' }],
    ['another path, although the scope is right', BOTH, { scope: 'rsvp', target: '/rsvp/8' }],
    ['a path above', TARGETED, { target: '/rsvp' }],
    ['a path below', TARGETED, { target: '/rsvp/7/edit' }],
    ['a path with a slash behind it', TARGETED, { target: '/rsvp/7/' }],
    ['a path that differs in case', TARGETED, { target: '/RSVP/7' }],
    ['a path that is escaped otherwise, which a router may tell apart', TARGETED, { target: '/%72svp/7' }],
  ])('refuses a token at %s as token_target_mismatch, with its claims', (_, token, place) => {
    const error = refusal(token, place);
    expect([error?.code, error?.claims]).toEqual(['token_target_mismatch', token]);
  });

  it('looks at the scope before the path', () => {
    expect(refusal(BOTH, { scope: 'other', target: '/other' })?.code).toBe('token_scope_mismatch');
  });
});
