import { isIP } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toClientIp } from './client-ip.js';

describe('toClientIp', () => {
  it.each(['192.0.2.7', '0.0.0.0', '255.255.255.255', '127.0.0.1', '::', '::1', '2001:db8::7', 'fe80::1'])(
    'keeps an address: %s',
    (ip) => {
      expect(toClientIp(ip)).toBe(ip);
    },
  );

  it.each([
    ['2001:DB8::7', '2001:db8::7'],
    ['2001:0db8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
    ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
  ])('writes an address of IPv6 in one way: %s', (ip, expected) => {
    expect(toClientIp(ip)).toBe(expected);
  });

  it.each([
    ['192.0.2.7:443', '192.0.2.7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
  ])('strips the port: %s', (ip, expected) => {
    expect(toClientIp(ip)).toBe(expected);
  });

  it.each(['::ffff:192.0.2.7', '::FFFF:192.0.2.7', '::ffff:c000:207', '0:0:0:0:0:ffff:192.0.2.7'])(
    'strips ::ffff: from an address of IPv4: %s',
    (ip) => {
      expect(toClientIp(ip)).toBe('192.0.2.7');
    },
  );

  it.each([
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%25eth0', 'fe80::1'],
    ['[fe80::1%eth0]:443', 'fe80::1'],
    ['::ffff:192.0.2.7%eth0', '192.0.2.7'],
  ])('strips the zone, which inet refuses: %s', (ip, expected) => {
    expect(toClientIp(ip)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'junk',
    'unknown',
    'localhost',
    'example.com',
    '_hidden',
    '1.2.3.4, 5.6.7.8',
    '1.2.3.4,5.6.7.8',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.4\0',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    '01.2.3.4',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    '1.2.3.4:',
    '1.2.3.4:port',
    '1.2.3.4/24',
    '2001:db8::7/64',
    '2001:db8::7::1',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '12345::',
    '::g',
    ':',
    ':::',
    '%eth0',
    '[2001:db8::7',
    '2001:db8::7]',
    '[]:443',
    '::ffff:1.2.3.256',
    '::ffff:1.2.3.4:443',
    '<script>',
    "'; DROP TABLE request_token; --",
    '1'.repeat(10_000),
    ':'.repeat(10_000),
  ])('is null for what is no address: %.40j', (ip) => {
    expect(toClientIp(ip)).toBeNull();
  });

  it.each([undefined, null, 42, 2130706433, true, {}, ['1.2.3.4'], { toString: () => '1.2.3.4' }])(
    'is null for what is no text: %p',
    (ip) => {
      expect(toClientIp(ip)).toBeNull();
    },
  );

  it('gives for any text an address that inet takes, or null', () => {
    const part = fc.constantFrom(...'0123456789abcdefxF.:%[]/, -', '::', 'ffff:', '255', '256', '1.2.3.4');
    const text = fc.oneof(
      fc.array(part, { maxLength: 16 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
      fc.ipV4Extended(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(text, (ip) => {
        const address = toClientIp(ip);
        if (address !== null) {
          expect(isIP(address)).not.toBe(0);
          expect(address).not.toMatch(/%|^::ffff:\d+\./);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every address', () => {
    fc.assert(fc.property(fc.ipV4(), (ip) => expect(toClientIp(ip)).toBe(ip)));
    fc.assert(fc.property(fc.ipV6(), (ip) => expect(toClientIp(ip)).not.toBeNull()));
  });
});
