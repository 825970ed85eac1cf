import { describe, expect, it } from '@jest/globals';
import { PAIRS, pem } from '../../../../test/support/keys.js';
import type { RequestTokenModuleOptions } from './request-token.options.js';
import { createSettings } from './settings.js';

const SECRET = 'ThirtyTwoBytesOfSecret-AndNoMore';
const OPTIONS: RequestTokenModuleOptions = { keys: SECRET, baseUrl: 'https://example.com' };
const HEADLINE = 'RequestTokenModule cannot start:';

const settings = (options: object = {}) => createSettings({ ...OPTIONS, ...options });

/** The lines under the headline; none if the options are good. */
function problemsOf(options: unknown): string[] {
  try {
    createSettings(options as RequestTokenModuleOptions);
    return [];
  } catch (error) {
    const [headline, ...lines] = (error as Error).message.split('\n');
    expect(headline).toBe(HEADLINE);
    return lines.map((line) => line.replace(/^ {2}- /, ''));
  }
}

const problems = (options: object) => problemsOf({ ...OPTIONS, ...options });

describe('createSettings: the defaults', () => {
  it('are merged in', () => {
    expect(settings()).toMatchObject({
      keys: SECRET,
      baseUrl: new URL('https://example.com'),
      issuer: undefined,
      parameter: 'rt',
      expiresIn: undefined,
      sessionExpiresIn: 600_000,
      maxUses: 1,
      clockTolerance: 0,
      logs: true,
    });
  });

  it('give way to what is said, durations in milliseconds', () => {
    const given = {
      baseUrl: 'http://localhost:3000/app',
      issuer: 'https://example.com',
      parameter: 'token',
      defaults: { expiresIn: '30d', sessionExpiresIn: 60, maxUses: 5 },
      clockTolerance: '5s',
      logs: false,
    };
    expect(settings(given)).toMatchObject({
      keys: SECRET,
      baseUrl: new URL('http://localhost:3000/app'),
      issuer: 'https://example.com',
      parameter: 'token',
      expiresIn: 2_592_000_000,
      sessionExpiresIn: 60_000,
      maxUses: 5,
      clockTolerance: 5_000,
      logs: false,
    });
  });

  it('are merged one by one', () => {
    expect(settings({ defaults: { maxUses: 5 } })).toMatchObject({ maxUses: 5, sessionExpiresIn: 600_000 });
    expect(settings({ defaults: { expiresIn: 60 } })).toMatchObject({ maxUses: 1, expiresIn: 60_000 });
    expect(settings({ defaults: {} })).toEqual(settings());
  });

  it.each(['parameter', 'clockTolerance', 'statementTimeout', 'logs', 'pages', 'sessions'])(
    'stand where %s is undefined or null, as a missing environment variable or JSON has it',
    (name) => {
      expect(settings({ [name]: undefined })).toEqual(settings());
      expect(settings({ [name]: null })).toEqual(settings());
    },
  );

  it.each([
    ['frontends', 'leave it out if links lead to baseUrl only'],
    ['issuer', 'leave it out if tokens need none'],
    ['defaults', 'leave it out for tokens of one use that are valid for ever'],
  ])('stand where %s is null, and not where it is undefined, for it bounds tokens', (name, instead) => {
    expect(settings({ [name]: null })).toEqual(settings());
    expect(problems({ [name]: undefined })).toEqual([`${name} is undefined; ${instead}`]);
  });

  it.each([
    ['expiresIn', 'leave it out for tokens that are valid for ever'],
    ['sessionExpiresIn', "leave it out for '10m'"],
  ])('stand where defaults.%s is null, and not where it is undefined', (name, instead) => {
    expect(settings({ defaults: { [name]: null } })).toEqual(settings());
    expect(problems({ defaults: { [name]: undefined } })).toEqual([
      `defaults.${name} is undefined; ${instead}`,
    ]);
  });

  it('know that defaults.maxUses null is unlimited, and do not stand for undefined', () => {
    expect(settings({ defaults: { maxUses: null } }).maxUses).toBeNull();
    expect(problems({ defaults: { maxUses: undefined } })).toEqual([
      'defaults.maxUses is undefined; leave it out for one use',
    ]);
  });

  it('are complained of together with everything else', () => {
    const defaults = { expiresIn: undefined, maxUses: 0, expires: 1 };
    expect(problems({ issuer: undefined, defaults, baseUrl: '/' }).join('\n')).toMatch(
      /issuer is undefined[^]*defaults.expiresIn is undefined[^]*baseUrl must[^]*defaults.expires is not an option[^]*defaults.maxUses must be/,
    );
  });

  it('leave the given options as they were', () => {
    const given = Object.freeze({ ...OPTIONS, defaults: Object.freeze({ maxUses: 5 }) });
    createSettings(given);
    expect(given).toEqual({ ...OPTIONS, defaults: { maxUses: 5 } });
  });
});

describe('createSettings: frontends', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['HTTPS://App.Example.COM:443', 'https://app.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['http://[::1]:5173', 'http://[::1]:5173'],
    ['http://[0:0:0:0:0:0:0:1]', 'http://[::1]'],
  ])('are origins, as browsers write them: %s', (given, origin) => {
    expect(settings({ frontends: ['https://a.example', given] }).frontends).toEqual([
      'https://a.example',
      origin,
    ]);
  });

  it('are none by default', () => {
    expect(settings().frontends).toEqual([]);
    expect(settings({ frontends: [] }).frontends).toEqual([]);
  });

  it.each<unknown>([
    undefined,
    null,
    42,
    '',
    '*',
    'null',
    'app.example.com',
    '//app.example.com',
    'ftp://app.example.com',
    'capacitor://localhost',
    'https://',
    'https://app.example.com/',
    'https://app.example.com/app',
    'https://app.example.com?',
    'https://app.example.com#',
    'https://app.example.com\\x',
    'https://user@app.example.com',
    'https://user:secret@app.example.com',
    ' https://app.example.com',
    'https://app.example.com\n',
    'https://*.example.com',
    'https://app.example.com:',
    'https://app.example.com:99999',
    new URL('https://app.example.com'),
  ])('are refused if one is no bare origin: %j', (given) => {
    const [problem, ...others] = problems({ frontends: ['https://a.example', given] });
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^frontends\[1\] must be an http\(s\) origin such as https:\/\/app.example.com, /,
    );
    expect(problem).not.toContain('secret');
  });

  it.each<unknown>(['https://app.example.com', {}, 1, true])(
    'are refused if they are no list: %j',
    (frontends) => {
      expect(problems({ frontends })).toEqual([
        "frontends must be a list of origins, such as ['https://app.example.com']",
      ]);
    },
  );
});

describe('createSettings: keys', () => {
  it.each<[unknown, RegExp]>([
    [undefined, /^keys is missing: give a secret of at least 32 random bytes/],
    [null, /^keys is missing/],
    ['', /^keys is missing/],
    [[], /^keys is missing/],
    ['short', /^keys is too short: HS256 needs at least 32 bytes/],
    [42, /^keys must be one secret string or a list/],
    [[{ alg: 'none' }], /^keys\[0\]\.alg must be one of/],
    [[{ alg: 'HS512', secret: SECRET }], /^keys\[0\]\.secret is too short/],
    [pem(PAIRS.RS256.publicKey), /^keys is a PEM key, not a secret/],
    [[{ alg: 'ES256', publicKey: PAIRS.ES256.publicKey }], /^keys\[0\] signs new tokens/],
    [
      [
        { alg: 'HS256', secret: SECRET },
        { alg: 'ES256', publicKey: PAIRS.ES256.privateKey },
      ],
      /^keys\[1\]\.publicKey is a private key/,
    ],
  ])('of no use are refused: %.40j', (keys, message) => {
    expect(problems({ keys })).toEqual([expect.stringMatching(message)]);
  });

  it('never show up in a message', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const message = problemsOf({ keys: secret, baseUrl: 'nowhere', issuer: '', secret }).join('\n');
    expect(message).not.toContain('hunter2');
  });
});

describe('createSettings: baseUrl', () => {
  const message =
    'baseUrl must be an absolute http(s) URL without query, such as https://example.com: links are built on it, never on the Host header';

  it.each([
    'https://example.com',
    'https://example.com/',
    'http://localhost:3000',
    'https://example.com/app/',
  ])('can be %s', (baseUrl) => {
    expect(settings({ baseUrl }).baseUrl).toEqual(new URL(baseUrl));
  });

  it.each([
    undefined,
    null,
    '',
    'example.com',
    'localhost:3000',
    '/app',
    '//example.com',
    'https://',
    'ftp://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://example.com?page=2',
    'https://example.com#top',
    'https://user@example.com',
    'https://user:password@example.com',
    42,
    {},
    ['https://example.com'],
  ])('is refused if it is no absolute URL of a site: %j', (baseUrl) => {
    expect(problems({ baseUrl })).toEqual([message]);
  });

  it('is refused if it has a password, be there no user', () => {
    expect(problems({ baseUrl: 'https://:password@example.com' })).toEqual([message]);
  });

  it.each(['https://example.com//app', 'https://example.com///app/'])(
    'is refused if a redirect to its path would lead to another host: %s',
    (baseUrl) => {
      expect(problems({ baseUrl })).toEqual(['baseUrl must not have two slashes behind its host']);
    },
  );
});

describe('createSettings: the other options', () => {
  const duration = "must be a duration such as '10m' or '30d', or a number of seconds";
  const parameter = "parameter must be letters, digits, '-' and '_', such as rt";

  it.each<[string, unknown, string]>([
    ['issuer', '', 'issuer must not be empty; leave it out for none'],
    ['issuer', 42, 'issuer must be a string'],
    ['issuer', ['https://example.com'], 'issuer must be a string'],
    ['parameter', '', parameter],
    ['parameter', 'r t', parameter],
    ['parameter', 'rt[]', parameter],
    ['parameter', 'rt&x', parameter],
    ['parameter', 'rt\n', parameter],
    ['parameter', 'é', parameter],
    ['parameter', 42, parameter],
    ['parameter', ['rt'], parameter],
    ['defaults', 42, 'defaults must be an object'],
    ['defaults', 'x', 'defaults must be an object'],
    ['clockTolerance', -1, `clockTolerance ${duration}`],
    ['clockTolerance', '5', `clockTolerance ${duration}`],
    ['clockTolerance', 'soon', `clockTolerance ${duration}`],
    ['clockTolerance', NaN, `clockTolerance ${duration}`],
    ['clockTolerance', Infinity, `clockTolerance ${duration}`],
    ['clockTolerance', {}, `clockTolerance ${duration}`],
    ['logs', 'false', 'logs must be true or false'],
    ['logs', 0, 'logs must be true or false'],
  ])('%s is refused if it is %j', (name, value, message) => {
    expect(problems({ [name]: value })).toContain(message);
  });

  it.each<[string, unknown, string]>([
    ['expiresIn', 0, `defaults.expiresIn ${duration}`],
    ['expiresIn', '30', `defaults.expiresIn ${duration}`],
    ['expiresIn', '-1h', `defaults.expiresIn ${duration}`],
    ['expiresIn', Infinity, `defaults.expiresIn ${duration}`],
    ['sessionExpiresIn', 0, `defaults.sessionExpiresIn ${duration}`],
    ['sessionExpiresIn', 'never', `defaults.sessionExpiresIn ${duration}`],
    ['maxUses', 0, 'defaults.maxUses must be at least 1, or null for unlimited'],
    ['maxUses', -1, 'defaults.maxUses must be at least 1, or null for unlimited'],
    ['maxUses', 1.5, 'defaults.maxUses must be a whole number, or null for unlimited'],
    ['maxUses', '1', 'defaults.maxUses must be a whole number, or null for unlimited'],
    ['maxUses', NaN, 'defaults.maxUses must be a whole number, or null for unlimited'],
  ])('defaults.%s is refused if it is %j', (name, value, message) => {
    expect(problems({ defaults: { [name]: value } })).toContain(message);
  });

  it('are refused at boot where every token would be refused when issued', () => {
    expect(problems({ defaults: { maxUses: 2 ** 31 } })).toEqual([
      expect.stringMatching(/^defaults\.maxUses/),
    ]);
    expect(problems({ defaults: { expiresIn: '300000y' } })).toEqual([
      expect.stringMatching(/^defaults\.expiresIn/),
    ]);
  });

  it.each(['secret', 'expiresIn', 'basURL'])('are named if they are unknown: %s', (name) => {
    expect(problems({ [name]: 'x' })).toEqual([`${name} is not an option; check its spelling`]);
  });

  it('are named if they are unknown below defaults', () => {
    expect(problems({ defaults: { maxUse: 1 } })).toEqual([
      'defaults.maxUse is not an option; check its spelling',
    ]);
  });

  it('are all named at once if several are wrong', () => {
    const given = {
      keys: 'short',
      baseUrl: 'example.com',
      parameter: 'r t',
      defaults: { maxUses: 0, expiresIn: 'soon' },
      logs: 'yes',
      isuer: 'x',
    };
    const found = problemsOf(given).join('\n');
    for (const name of [
      'keys',
      'baseUrl',
      'parameter',
      'defaults.maxUses',
      'defaults.expiresIn',
      'logs',
      'isuer',
    ]) {
      expect(found).toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  it.each([undefined, null, 'secret', 42, [], {}])('are asked for where there are none: %j', (options) => {
    const found = problemsOf(options);
    expect(found).toContainEqual(expect.stringMatching(/^keys is missing/));
    expect(found).toContainEqual(expect.stringMatching(/^baseUrl must be/));
  });

  it('cannot smuggle in a prototype', () => {
    const given = JSON.parse(
      `{"__proto__":{"logs":false},"keys":"${SECRET}","baseUrl":"https://example.com"}`,
    ) as object;
    expect(problemsOf(given)).toHaveLength(1);
    expect({}).not.toHaveProperty('logs');
  });
});
