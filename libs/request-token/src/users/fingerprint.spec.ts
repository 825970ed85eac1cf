import { createSecretKey } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { canonical, fingerprintOf } from './fingerprint.js';

const ID = '018f3c5e-7b1a-7c00-8000-0123456789ab';

const VALUES = [
  '$2b$10$hash',
  null,
  new Date('2026-01-02T03:04:05.678Z'),
  Buffer.from([0, 255]),
  9007199254740993n,
  7,
  true,
];

const TEXT =
  `["${ID}","$2b$10$hash",null,["date","2026-01-02T03:04:05.678Z"],["bytes","AP8="],` +
  '["bigint","9007199254740993"],7,true]';

const KEY = createSecretKey(
  Buffer.from('cd30631c4d6b1ddf7b1a04315cdb7a32cf7f407903005cbdda2f68d19ebb359c', 'hex'),
);

describe('A fingerprint', () => {
  it('is an HMAC-SHA-256 over the canonical text, cut to 96 bits: a vector computed in Python', () => {
    expect(canonical(ID, VALUES)).toBe(TEXT);
    expect(fingerprintOf(KEY, ID, VALUES)).toBe('4K-qzARUWIzCLP-b');
  });

  it('differs from token to token, from key to key, and by every value', () => {
    const all = [
      fingerprintOf(KEY, ID, VALUES),
      fingerprintOf(KEY, ID.replace('ab', 'ac'), VALUES),
      fingerprintOf(createSecretKey(Buffer.alloc(32, 1)), ID, VALUES),
      ...VALUES.map((_, index) => fingerprintOf(KEY, ID, VALUES.with(index, 'other'))),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('The canonical text', () => {
  it('is another one for everything that is not the same', () => {
    const different: unknown[][] = [
      [],
      [null],
      [''],
      ['null'],
      ['a', 'b'],
      ['b', 'a'],
      ['a","b'],
      ['a,b'],
      [['a', 'b']],
      [['a'], 'b'],
      ['list', 'a'],
      [['list', 'a']],
      [1],
      ['1'],
      [1n],
      [true],
      ['true'],
      [false],
      [0],
      [NaN],
      [Infinity],
      [-Infinity],
      ['NaN'],
      [new Date(0)],
      [new Date(1)],
      ['1970-01-01T00:00:00.000Z'],
      [['date', '1970-01-01T00:00:00.000Z']],
      [Buffer.from('a')],
      ['YQ=='],
      [Buffer.alloc(0)],
      [{}],
      [[]],
      [{ a: 1 }],
      [{ a: '1' }],
      [{ a: { b: 1 } }],
      [{ 'a.b': 1 }],
      [['object', ['a', 1]]],
      ['\ud800'],
      ['\ufffd'],
      ['e\u0301'],
      ['\u00e9'],
    ];
    expect(new Set(different.map((values) => canonical(ID, values))).size).toBe(different.length);
  });

  it.each([
    ['members of objects in any order', [{ a: 1, b: 2 }], [{ b: 2, a: 1 }]],
    ['Buffer and Uint8Array', [Buffer.from('ab')], [new Uint8Array([97, 98])]],
    ['objects without a prototype', [{ a: 1 }], [Object.assign(Object.create(null) as object, { a: 1 })]],
    [
      'objects, dates and lists of another realm',
      [{ a: [new Date(0)] }],
      [runInNewContext('({ a: [new Date(0)] })')],
    ],
    ['0 and -0', [0], [-0]],
  ])('is the same for %s', (_, one, other) => {
    expect(canonical(ID, one)).toBe(canonical(ID, other));
  });

  it.each([
    ['undefined', undefined],
    ['undefined in an object', { a: undefined }],
    ['undefined in a list', [undefined]],
    ['a hole in a list', new Array(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a Map, which has no members to tell it by', new Map([['a', 1]])],
    ['an instance of a class', new (class Email {})()],
    ['an invalid Date', new Date(NaN)],
  ])('is refused for %s', (_, value) => {
    expect(() => canonical(ID, [value])).toThrow(TypeError);
    expect(() => canonical(ID, [value])).toThrow(/^boundTo: a value is /);
  });
});
