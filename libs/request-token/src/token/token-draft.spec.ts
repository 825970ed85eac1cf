import { describe, expect, it } from '@jest/globals';
import { version as uuidVersion } from 'uuid';
import { deferredToken } from '../entities/deferred-token.js';
import { readClaims } from '../jwt/read-claims.js';
import type { RequestTokenDefaults } from '../options/request-token.options.js';
import { createSettings } from '../options/settings.js';
import type { IssueOptions } from './issue.js';
import { claimsOf, deferredClaimsOf, draftToken } from './token-draft.js';

const NOW = new Date('2026-01-01T00:00:00.400Z');
const inMs = (milliseconds: number): Date => new Date(NOW.getTime() + milliseconds);
const INVALID = new Date(NaN);

const settings = (defaults?: RequestTokenDefaults) =>
  createSettings({ keys: 'xy'.repeat(16), baseUrl: 'https://example.com', ...(defaults && { defaults }) });

interface Given {
  place?: { scope?: string; path?: string };
  userId?: string;
  defaults?: RequestTokenDefaults;
}

const draft = (options: IssueOptions = {}, { place = { scope: 'rsvp' }, userId, defaults }: Given = {}) =>
  draftToken(options, place, userId, settings(defaults), NOW);

const FOR_ANN: Given = { userId: '42' };

describe('draftToken: the row', () => {
  it('is complete', () => {
    const options: IssueOptions = {
      expiresIn: '1h',
      notBefore: inMs(1_000),
      maxUses: 3,
      data: { list: [7] },
      loginMode: 'none',
    };
    const token = draft(options, { place: { scope: 'rsvp', path: '/rsvp/7' }, userId: '42' });
    expect({ ...token }).toEqual({
      id: expect.any(String),
      scope: 'rsvp',
      targetPath: '/rsvp/7',
      userId: '42',
      loginMode: 'none',
      issuedAt: NOW,
      notBefore: inMs(1_000),
      expiresAt: inMs(3_600_000),
      revokedAt: null,
      maxUses: 3,
      useCount: 0,
      data: { list: [7] },
      deferredUntil: null,
    });
  });

  it('has null where nothing is said, one use and no expiry', () => {
    const token = draft();
    expect(token).toMatchObject({ targetPath: null, userId: null, notBefore: null, expiresAt: null });
    expect(token).toMatchObject({ maxUses: 1, useCount: 0, data: {}, loginMode: 'none' });
  });

  it('has a UUID v7 of its own', () => {
    const ids = Array.from({ length: 100 }, () => draft().id);
    expect(new Set(ids).size).toBe(100);
    expect(ids.map(uuidVersion)).toEqual(ids.map(() => 7));
  });

  it('needs a scope or a target', () => {
    expect(() => draft({}, { place: {} })).toThrow(new TypeError('issue: a token needs a scope or a target'));
    expect(draft({}, { place: { path: '/rsvp' } })).toMatchObject({ scope: null, targetPath: '/rsvp' });
    expect(draft({}, { place: { scope: 'rsvp' } })).toMatchObject({ scope: 'rsvp', targetPath: null });
  });

  it.each<unknown>(['', 'x'.repeat(101), null, 42, ['rsvp'], 'rs\0vp'])('refuses the scope %j', (scope) => {
    const place = { scope: scope as string, path: '/rsvp' };
    expect(() => draft({}, { place })).toThrow(TypeError);
    expect(() => draft({}, { place })).toThrow('scope must be a text of 1 to 100 characters');
  });

  it('takes a scope of 100 characters', () => {
    expect(draft({}, { place: { scope: 'x'.repeat(100) } }).scope).toHaveLength(100);
  });
});

describe('draftToken: login mode', () => {
  it("is by default 'request' with a user, and 'none' without", () => {
    expect(draft({}, FOR_ANN).loginMode).toBe('request');
    expect(draft().loginMode).toBe('none');
  });

  it("can be 'none' for a user", () => {
    expect(draft({ loginMode: 'none' }, FOR_ANN)).toMatchObject({ loginMode: 'none', userId: '42' });
  });

  it.each(['request', 'session'] as const)("'%s' needs a user", (loginMode) => {
    expect(() => draft({ loginMode })).toThrow(new TypeError(`issue: loginMode '${loginMode}' needs a user`));
  });

  it.each(['x', 'REQUEST', 'r', '', 1, {}])('is refused if it is no mode: %j', (loginMode) => {
    expect(() => draft({ loginMode: loginMode as 'none' }, FOR_ANN)).toThrow(
      new TypeError("issue: loginMode must be 'none', 'request' or 'session'"),
    );
  });
});

describe('draftToken: times', () => {
  it('counts expiresIn from now', () => {
    expect(draft({ expiresIn: '10m' }).expiresAt).toEqual(inMs(600_000));
    expect(draft({ expiresIn: 90 }).expiresAt).toEqual(inMs(90_000));
  });

  it("takes the module's expiresIn where nothing is said", () => {
    expect(draft({}, { defaults: { expiresIn: '30d' } }).expiresAt).toEqual(inMs(30 * 86_400_000));
  });

  it("puts expiresIn and expiresAt before the module's expiresIn", () => {
    const defaults = { expiresIn: '30d' };
    expect(draft({ expiresIn: '1h' }, { defaults }).expiresAt).toEqual(inMs(3_600_000));
    expect(draft({ expiresAt: inMs(5) }, { defaults }).expiresAt).toEqual(inMs(5));
  });

  it('refuses expiresIn together with expiresAt', () => {
    expect(() => draft({ expiresIn: '1h', expiresAt: inMs(1) })).toThrow(
      new TypeError('issue: give expiresIn or expiresAt, not both'),
    );
  });

  it.each<unknown>([0, -1, NaN, '0s', '-1h', '10', 'soon', '', null, {}, INVALID])(
    'refuses the duration %j as expiresIn',
    (expiresIn) => {
      expect(() => draft({ expiresIn: expiresIn as string })).toThrow(TypeError);
      expect(() => draft({ expiresIn: expiresIn as string })).toThrow('issue: expiresIn must be a duration');
    },
  );

  it.each<unknown>([Infinity, 1e15, '300000y'])(
    'refuses %p as expiresIn, which is beyond any date, and asks for a duration and not for a Date',
    (expiresIn) => {
      expect(() => draft({ expiresIn: expiresIn as string })).toThrow(TypeError);
      expect(() => draft({ expiresIn: expiresIn as string })).not.toThrow('must be a valid Date');
    },
  );

  it.each<unknown>([INVALID, '2027-01-01', 1798761600000, null])(
    'refuses %p as expiresAt and as notBefore, which is no valid Date',
    (value) => {
      const date = value as Date;
      expect(() => draft({ expiresAt: date })).toThrow(
        new TypeError('issue: expiresAt must be a valid Date'),
      );
      expect(() => draft({ notBefore: date })).toThrow(
        new TypeError('issue: notBefore must be a valid Date'),
      );
    },
  );

  it('refuses a token that expires before it becomes valid', () => {
    const message = 'issue: the token would expire before it becomes valid; see notBefore and expiresAt';
    expect(() => draft({ notBefore: inMs(2), expiresAt: inMs(1) })).toThrow(new TypeError(message));
    expect(() => draft({ notBefore: inMs(2), expiresAt: inMs(2) })).toThrow(message);
    expect(() => draft({ notBefore: inMs(60_000), expiresIn: '1m' })).toThrow(message);
    expect(() => draft({ notBefore: inMs(60_000) }, { defaults: { expiresIn: '1s' } })).toThrow(message);
    expect(draft({ notBefore: inMs(2), expiresAt: inMs(3) }).notBefore).toEqual(inMs(2));
  });
});

describe('draftToken: maxUses', () => {
  it('is unlimited if null', () => {
    expect(draft({ maxUses: null }).maxUses).toBeNull();
    expect(draft({}, { defaults: { maxUses: null } }).maxUses).toBeNull();
  });

  it("is the module's where nothing is said", () => {
    expect(draft({}, { defaults: { maxUses: 5 } }).maxUses).toBe(5);
    expect(draft({ maxUses: 2 }, { defaults: { maxUses: 5 } }).maxUses).toBe(2);
    expect(draft({ maxUses: null }, { defaults: { maxUses: 5 } }).maxUses).toBeNull();
  });

  it.each<unknown>([0, -1, 1.5, NaN, Infinity, '1', 2 ** 31, true, {}])('refuses %p', (maxUses) => {
    expect(() => draft({ maxUses: maxUses as number })).toThrow(TypeError);
    expect(() => draft({ maxUses: maxUses as number })).toThrow('issue: maxUses must be a whole number');
  });

  it('takes as much as the column holds', () => {
    expect(draft({ maxUses: 2 ** 31 - 1 }).maxUses).toBe(2147483647);
  });
});

describe('draftToken: data', () => {
  it.each<unknown>([null, [], 'text', 42, true])('refuses %j, which is no object', (data) => {
    expect(() => draft({ data: data as object as Record<string, unknown> })).toThrow(
      new TypeError('issue: data must be an object'),
    );
  });

  it('refuses the character U+0000, in values and in names, which PostgreSQL cannot store', () => {
    for (const data of [{ text: 'a\0b' }, { 'a\0b': 1 }, { list: [{ deep: '\0' }] }]) {
      expect(() => draft({ data })).toThrow(TypeError);
      expect(() => draft({ data })).toThrow('issue: data has a character that PostgreSQL cannot store');
    }
  });

  it('takes a backslash before u0000, which is six harmless characters', () => {
    const data = { text: String.raw`\u0000`, pattern: String.raw`C:\u0000` };
    expect(draft({ data }).data).toEqual(data);
  });

  it('refuses half of a surrogate pair, which PostgreSQL cannot store either', () => {
    expect(() => draft({ data: { text: 'cut \ud83d' } })).toThrow(/^issue: data/);
    expect(draft({ data: { text: '🔕' } }).data).toEqual({ text: '🔕' });
  });

  it('refuses what is no object once it is JSON', () => {
    for (const value of [NOW, { toJSON: () => 'text' }]) {
      expect(() => draft({ data: value as object as Record<string, unknown> })).toThrow(/^issue: data/);
    }
  });

  it('names data where it is no JSON', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(() => draft({ data: circular })).toThrow(/^issue: data/);
    expect(() => draft({ data: { id: 1n } })).toThrow(/^issue: data/);
    expect(() => draft({ data: { toJSON: () => undefined } })).toThrow(/^issue: data/);
  });
});

describe('claimsOf', () => {
  it('has every claim that applies', () => {
    const options: IssueOptions = { expiresIn: '1h', notBefore: inMs(1_000), maxUses: 3, data: { list: 7 } };
    const token = draft(options, { place: { scope: 'rsvp', path: '/rsvp/7' }, userId: '42' });
    expect(claimsOf(token, 'https://example.com')).toEqual({
      jti: token.id,
      sub: 'rsvp',
      aud: '42',
      iss: 'https://example.com',
      iat: 1767225600,
      nbf: 1767225601,
      exp: 1767229201,
      max: 3,
      mod: 'r',
      tgt: '/rsvp/7',
    });
  });

  it('leaves out what does not apply, and null least of all', () => {
    const token = draft({ maxUses: null });
    const claims = claimsOf(token, undefined);
    expect(Object.keys(claims).sort()).toEqual(['iat', 'jti', 'mod', 'sub']);
    expect(JSON.stringify(claims)).not.toContain('null');
  });

  it('never has the data, which anybody could read', () => {
    const claims = claimsOf(draft({ data: { password: 'hunter2' } }), undefined);
    expect(JSON.stringify(claims)).not.toContain('hunter2');
  });

  it('rounds times outwards, so that the JWT is valid whenever the row is', () => {
    const token = draft({ notBefore: inMs(1_500), expiresAt: inMs(2_700) }); // at 1.9 s and 3.1 s
    expect(claimsOf(token, undefined)).toMatchObject({ iat: 1767225600, nbf: 1767225601, exp: 1767225604 });
    const whole = draft({ notBefore: inMs(1_600), expiresAt: inMs(2_600) }); // at 2 s and 3 s
    expect(claimsOf(whole, undefined)).toMatchObject({ nbf: 1767225602, exp: 1767225603 });
  });

  it('makes claims that are read back as they are', () => {
    for (const given of [FOR_ANN, {}, { place: { path: '/rsvp' } }]) {
      const claims = claimsOf(draft({}, given), undefined);
      expect(readClaims({ ...claims })).toEqual(claims);
    }
  });
});

describe('A deferred token', () => {
  const DEFERRED: IssueOptions = { deferred: true, expiresIn: '1h' };
  const claimsOfDraft = (options: IssueOptions, given: Given = {}) => {
    const token = draft({ ...DEFERRED, ...options }, given);
    return { token, claims: deferredClaimsOf(token, undefined) };
  };

  it.each<[string, IssueOptions, Given]>([
    [
      'with all there is',
      { maxUses: 3, data: { list: [7] }, notBefore: inMs(1_500), loginMode: 'none' },
      FOR_ANN,
    ],
    ['with little', {}, {}],
    ['for a user, without limit', { maxUses: null }, FOR_ANN],
    ['with a target only', {}, { place: { path: '/rsvp' } }],
  ])('%s has claims that say all of its row', (_, options, given) => {
    const { token, claims } = claimsOfDraft(options, given);
    expect(deferredToken(readClaims(JSON.parse(JSON.stringify(claims)) as never))).toEqual(token);
  });

  it('has times of whole seconds, rounded in favour of the reader, but for when it was issued', () => {
    const { token } = claimsOfDraft({ expiresIn: '1h', notBefore: inMs(1_500) });
    expect(token.issuedAt).toEqual(NOW);
    expect(token.notBefore).toEqual(new Date('2026-01-01T00:00:01Z'));
    expect(token.expiresAt).toEqual(new Date('2026-01-01T01:00:01Z'));
  });

  it('that was signed anew has the time of issue that its claims say', () => {
    const { claims } = claimsOfDraft({});
    expect(deferredToken(claims).issuedAt).toEqual(NOW);
    const iat = claims.iat - 1;
    expect(deferredToken({ ...claims, iat }).issuedAt).toEqual(new Date(iat * 1_000));
  });

  it('must expire', () => {
    expect(() => draft({ deferred: true })).toThrow('a deferred token must expire');
    expect(draft({ deferred: true }, { defaults: { expiresIn: '1d' } }).expiresAt).not.toBeNull();
  });

  it('may be the default', () => {
    const defaults = { deferred: true, expiresIn: '1d' } as const;
    expect(() => draft({ expiresAt: INVALID }, { defaults })).toThrow(TypeError);
    expect(draft({}, { defaults }).expiresAt?.getMilliseconds()).toBe(0);
    expect(draft({ deferred: false }, { defaults }).expiresAt).toEqual(inMs(86_400_000));
  });

  it('has room for 512 bytes of data in its JWT', () => {
    const dataOf = (bytes: number) => ({ data: { a: 'x'.repeat(bytes - '{"a":""}'.length) } });
    expect(claimsOfDraft(dataOf(512)).claims.dat).toEqual(dataOf(512).data);
    expect(() => claimsOfDraft(dataOf(513))).toThrow('data has 513 bytes of JSON');
    expect(claimsOfDraft({ data: {} }).claims).not.toHaveProperty('dat');
  });
});
