import { describe, expect, it } from '@jest/globals';
import { HttpException } from '@nestjs/common';
import type { RequestTokenClaims } from './claims.js';
import { RequestTokenErrorCode, RequestTokenException } from './exception.js';

const CODES = [
  'token_missing',
  'token_malformed',
  'token_signature_invalid',
  'token_expired',
  'token_not_yet_valid',
  'token_scope_mismatch',
  'token_target_mismatch',
  'token_audience_mismatch',
  'token_exhausted',
  'token_revoked',
  'token_unknown',
  'token_user_not_found',
  'token_user_changed',
] as const;

const CLAIMS: RequestTokenClaims = {
  jti: '01890a5d-ac96-774b-bcce-b302099a8057',
  iat: 1767225600,
  mod: 'r',
  aud: '42',
  sub: 'rsvp',
};

describe('RequestTokenErrorCode', () => {
  it('has every code of the contract by its own name, and no other', () => {
    expect(RequestTokenErrorCode).toEqual(Object.fromEntries(CODES.map((code) => [code, code])));
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(RequestTokenErrorCode)).toBe(true);
  });

  it('fits the column that logs it', () => {
    for (const code of CODES) expect(code.length).toBeLessThanOrEqual(32);
  });
});

describe('RequestTokenException', () => {
  it.each(CODES)('%s: is a 403 of Nest, whose body is statusCode, error, code and message', (code) => {
    const error = new RequestTokenException(code);
    expect(error).toBeInstanceOf(HttpException);
    expect(error.getStatus()).toBe(403);
    expect(error.code).toBe(code);
    expect(error.getResponse()).toStrictEqual({
      statusCode: 403,
      error: 'Forbidden',
      code,
      message: error.message,
    });
  });

  it('has a sentence for every code, and no two alike', () => {
    const messages = CODES.map((code) => new RequestTokenException(code).message);
    for (const message of messages) expect(message).toMatch(/^[A-Z][^{}<>]{10,}\.$/);
    expect(new Set(messages).size).toBe(CODES.length);
  });

  it('carries the claims for the app, and keeps them out of the answer', () => {
    const error = new RequestTokenException('token_expired', CLAIMS);
    expect(error.claims).toBe(CLAIMS);
    expect(JSON.stringify(error.getResponse())).not.toContain(CLAIMS.jti);
    expect(Object.keys(error.getResponse())).toEqual(['statusCode', 'error', 'code', 'message']);
    expect(error.message).toBe(new RequestTokenException('token_expired').message);
  });

  it('has no claims unless it is given any', () => {
    expect(new RequestTokenException('token_malformed').claims).toBeUndefined();
  });
});
