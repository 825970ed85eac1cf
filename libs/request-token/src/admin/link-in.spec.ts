import { describe, expect, it } from '@jest/globals';
import { linkIn } from './link-in.js';

const JWT = 'eyJ0eXAiOiJyZXF1ZXN0LXRva2VuK2p3dCJ9.eyJqdGkiOiIwMWEyMThmYy1jY2JmIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
const LINK = `https://example.com/rsvp?rt=${JWT}`;

describe('linkIn', () => {
  it.each([
    [LINK, LINK],
    [`  ${LINK}\n`, LINK],
    [`<${LINK}>`, LINK],
    [`It says “no” (${LINK}).`, LINK],
    [`See https://example.com/help first, then ${LINK}`, LINK],
    [JWT, JWT],
    ['https://example.com/rsvp', 'https://example.com/rsvp'],
    [LINK.slice(0, 60), LINK.slice(0, 60)],
  ])('is found in %s', (text, link) => expect(linkIn(text)).toBe(link));

  it.each(['7', 'ann@example.org', 'Ann Example', 'آن من القاهرة', '01900000-0000-7000-8000-000000000001'])(
    'is not in %s',
    (text) => expect(linkIn(text)).toBeUndefined(),
  );

  it.each([
    `link${JWT}`,
    `rt=3D${JWT}`,
    `example.com/?u=https%3A%2F%2Fexample.com%2F%3Frt%3D${JWT}`,
    `example.com/?rt=%65yJ${JWT.slice(3)}`,
    JWT.split('.').slice(1).join('.'),
    JWT.replaceAll('.', ' '),
  ])('is whatever may be a part of a JWT: %s', (text) => expect(linkIn(text)).toBeDefined());
});
