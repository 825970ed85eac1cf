import { describe, expect, it } from '@jest/globals';
import { judgeOneClick, type HeaderField, type MailSignature } from './one-click-verdict.js';

const link = { name: 'List-Unsubscribe', value: '<https://example.com/unsubscribe?rt=a.b.c>' };
const post = { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' };
const signature = {
  domain: 'example.com',
  valid: true,
  covers: ['from', 'list-unsubscribe', 'list-unsubscribe-post'],
};

const unmet = (fields: HeaderField[], signatures: MailSignature[] = [signature]) =>
  judgeOneClick(fields, signatures)
    .checks.map(({ met }, index) => (met ? 0 : index + 1))
    .filter(Boolean);

describe('judgeOneClick', () => {
  it.each<[string, HeaderField[]]>([
    ['both fields, signed', [link, post]],
    ['other letters', [{ ...link, name: 'list-unsubscribe' }, post]],
    ['a mailto link beside it', [{ ...link, value: `<mailto:u@example.com>,\r\n ${link.value}` }, post]],
    ['a link to this computer', [{ ...link, value: '<http://localhost:3000/unsubscribe>' }, post]],
  ])('sees it offered with %s', (_what, fields) => {
    expect(judgeOneClick(fields, [signature])).toMatchObject({ offered: true });
  });

  it.each<[string, HeaderField[], number[]]>([
    ['no field', [], [1, 2, 3]],
    ['no link', [{ ...link, value: 'https://example.com' }, post], [1, 2]],
    ['a link that is not secure', [{ ...link, value: '<http://example.com/>' }, post], [2]],
    ['only a mailto link', [{ ...link, value: '<mailto:u@example.com>' }, post], [2]],
    ['the link twice', [link, link, post], [1, 2]],
    ['no second field', [link], [3]],
    ['another second field', [link, { ...post, value: 'Yes' }], [3]],
  ])('does not with %s', (_what, fields, points) => {
    expect(unmet(fields)).toEqual(points);
    expect(judgeOneClick(fields, [signature]).offered).toBe(false);
  });

  it.each<[string, MailSignature[], number[]]>([
    ['no signature', [], [4, 5]],
    ['a bad signature', [{ ...signature, valid: false, problem: 'bad signature' }], [4, 5]],
    ['a signature of one field only', [{ ...signature, covers: ['list-unsubscribe'] }], [5]],
    ['a good signature beside a bad one', [{ ...signature, valid: false }, signature], []],
  ])('judges %s', (_what, signatures, points) => {
    expect(unmet([link, post], signatures)).toEqual(points);
  });
});
