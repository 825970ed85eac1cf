import { describe, expect, it } from '@jest/globals';
import { bearsOneClick } from './one-click-link.js';

describe('bearsOneClick', () => {
  it.each([
    'https://example.com/unsubscribe?rt=a.b.c',
    'http://localhost:3000/unsubscribe',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
  ])('accepts %s', (link) => expect(bearsOneClick(link)).toBe(true));

  it.each([
    'http://example.com',
    'http://localhost.example.com',
    'http://192.168.1.7:3000',
    'mailto:unsubscribe@localhost',
    'no link',
  ])('refuses %s', (link) => expect(bearsOneClick(link)).toBe(false));
});
