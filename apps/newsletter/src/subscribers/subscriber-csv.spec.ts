import { describe, expect, it } from '@jest/globals';
import { CsvHeaderError, parseSubscribers } from './subscriber-csv.js';

function parse(text: string) {
  const lines = [...parseSubscribers(text)];
  return {
    rows: lines.flatMap((line) => ('row' in line ? [line.row] : [])),
    badLines: lines.filter((line) => 'reason' in line),
  };
}

const emails = (text: string) => parse(text).rows.map(({ email }) => email);

describe('parseSubscribers', () => {
  it('reads addresses and names', () => {
    expect(parse('email,name\nann@example.org,Ann\nli@example.org,李小龙\n')).toEqual({
      rows: [
        { email: 'ann@example.org', name: 'Ann' },
        { email: 'li@example.org', name: '李小龙' },
      ],
      badLines: [],
    });
  });

  it('copes with a BOM, CRLF, empty lines, quoted commas and columns in another order', () => {
    const text = '\uFEFFName , EMAIL,city\r\n\r\n"Smith, ""Ann"" ",ann@example.org,Oslo\r\n';
    expect(parse(text)).toEqual({
      rows: [{ email: 'ann@example.org', name: 'Smith, "Ann"' }],
      badLines: [],
    });
  });

  it('reports bad lines by number and reason, and keeps the good ones', () => {
    const text = [
      'email,name',
      'ann@example.org,Ann',
      'nonsense,Bob',
      'cleo@example.org,',
      ',Dan',
      'eve@example.org',
      'ANN@example.org,Ann again',
      'finn@example.org,Finn',
    ].join('\n');
    const { rows, badLines } = parse(text);
    expect(rows.map(({ name }) => name)).toEqual(['Ann', 'Finn']);
    expect(badLines).toEqual([
      { line: 3, reason: '"nonsense" is not an e-mail address' },
      { line: 4, reason: 'the name is missing' },
      { line: 5, reason: 'the e-mail address is missing' },
      { line: 6, reason: 'the name is missing' },
      { line: 7, reason: 'ANN@example.org is already on line 2' },
    ]);
  });

  it('loses only one line to a quotation mark that is never closed', () => {
    const text = 'email,name\nann@example.org,"Ann\nbob@example.org,"Bob"\ncleo@example.org,Cleo\n';
    const { badLines } = parse(text);
    expect(emails(text)).toEqual(['bob@example.org', 'cleo@example.org']);
    expect(badLines).toEqual([{ line: 2, reason: 'a quotation mark is out of place or never closed' }]);
  });

  it('follows a quoted value over line breaks, and counts its lines', () => {
    const text = 'email,name,address\nann@example.org,Ann,"Main St 1\nOslo"\nnonsense,Bob,\n';
    expect(emails(text)).toEqual(['ann@example.org']);
    expect(parse(text).badLines).toEqual([{ line: 4, reason: '"nonsense" is not an e-mail address' }]);
  });

  it('reports a name that is not UTF-8', () => {
    const latin1 = Buffer.from('email,name\nbj@example.org,Bj\xf6rn\n', 'latin1').toString('utf8');
    expect(parse(latin1).badLines).toEqual([
      { line: 2, reason: 'the name contains a line break or is not UTF-8 text' },
    ]);
  });

  it('refuses a file without a header', () => {
    expect(() => parse('ann@example.org,Ann\n')).toThrow(CsvHeaderError);
  });

  it('takes an empty file for one without subscribers', () => {
    expect(parse('')).toEqual({ rows: [], badLines: [] });
  });
});
