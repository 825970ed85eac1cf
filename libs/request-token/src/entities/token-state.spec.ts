import { describe, expect, it } from '@jest/globals';
import { RequestToken } from './request-token.entity.js';
import { rowProblem } from './token-state.js';

const NOW = Date.UTC(2026, 0, 1);
const at = (milliseconds: number): Date => new Date(NOW + milliseconds);
const moment = (tolerance = 0) => ({ earliest: at(-tolerance), latest: at(tolerance) });

const row = (values: Partial<RequestToken> = {}): RequestToken =>
  Object.assign(new RequestToken(), {
    revokedAt: null,
    expiresAt: null,
    notBefore: null,
    maxUses: 1,
    useCount: 0,
    ...values,
  });

describe('rowProblem', () => {
  it('finds none in a row that has uses left and knows no times', () => {
    expect(rowProblem(row(), moment())).toBeUndefined();
  });

  it.each([null, undefined])('says token_unknown where there is no row: %p', (token) => {
    expect(rowProblem(token, moment())).toBe('token_unknown');
  });

  it('says token_revoked, be the revocation only to come', () => {
    expect(rowProblem(row({ revokedAt: at(-1) }), moment())).toBe('token_revoked');
    expect(rowProblem(row({ revokedAt: at(1) }), moment())).toBe('token_revoked');
  });

  it('says token_expired from the millisecond of expiresAt on', () => {
    expect(rowProblem(row({ expiresAt: at(1) }), moment())).toBeUndefined();
    expect(rowProblem(row({ expiresAt: at(0) }), moment())).toBe('token_expired');
    expect(rowProblem(row({ expiresAt: at(-1) }), moment())).toBe('token_expired');
  });

  it('says token_not_yet_valid until the millisecond of notBefore', () => {
    expect(rowProblem(row({ notBefore: at(1) }), moment())).toBe('token_not_yet_valid');
    expect(rowProblem(row({ notBefore: at(0) }), moment())).toBeUndefined();
    expect(rowProblem(row({ notBefore: at(-1) }), moment())).toBeUndefined();
  });

  it('gives way by the clock tolerance, to the millisecond', () => {
    expect(rowProblem(row({ expiresAt: at(-999) }), moment(1_000))).toBeUndefined();
    expect(rowProblem(row({ expiresAt: at(-1_000) }), moment(1_000))).toBe('token_expired');
    expect(rowProblem(row({ notBefore: at(1_000) }), moment(1_000))).toBeUndefined();
    expect(rowProblem(row({ notBefore: at(1_001) }), moment(1_000))).toBe('token_not_yet_valid');
  });

  it.each([
    [0, 1, undefined],
    [1, 1, 'token_exhausted'],
    [2, 1, 'token_exhausted'],
    [2, 3, undefined],
    [3, 3, 'token_exhausted'],
    [1_000_000, null, undefined],
  ])('with %p of %p uses taken says %p', (useCount, maxUses, problem) => {
    expect(rowProblem(row({ useCount, maxUses }), moment())).toBe(problem);
  });

  it('says token_exhausted where maxUses was lowered below what is used', () => {
    expect(rowProblem(row({ useCount: 5, maxUses: 2 }), moment())).toBe('token_exhausted');
  });

  it('names the first of several problems: revoked, expired, not yet valid, exhausted', () => {
    const exhausted = { useCount: 1 };
    const early = { ...exhausted, notBefore: at(2) };
    const late = { ...early, expiresAt: at(-1) };
    expect(rowProblem(row({ ...late, revokedAt: at(-1) }), moment())).toBe('token_revoked');
    expect(rowProblem(row(late), moment())).toBe('token_expired');
    expect(rowProblem(row(early), moment())).toBe('token_not_yet_valid');
    expect(rowProblem(row(exhausted), moment())).toBe('token_exhausted');
  });
});
