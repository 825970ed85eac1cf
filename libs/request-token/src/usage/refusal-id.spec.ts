import { describe, expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { refusalId } from './refusal-id.js';

const TOKEN = '0198c3b0-0000-7000-8000-000000000001';
const at = (time: string) => new Date(`2026-05-01T${time}Z`);

describe('refusalId', () => {
  const id = refusalId(TOKEN, 'token_expired', at('12:34:00.000'));

  it('is a UUID v7 of the minute', () => {
    expect(validate(id) && version(id)).toBe(7);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at('12:34:00.000').getTime());
  });

  it('is the same for one token, outcome and minute', () => {
    expect(refusalId(TOKEN, 'token_expired', at('12:34:59.999'))).toBe(id);
  });

  it('is another for another token, outcome or minute', () => {
    const others = [
      refusalId(TOKEN.replace(/1$/, '2'), 'token_expired', at('12:34:00.000')),
      refusalId(TOKEN, 'token_revoked', at('12:34:00.000')),
      refusalId(TOKEN, 'token_expired', at('12:35:00.000')),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});
