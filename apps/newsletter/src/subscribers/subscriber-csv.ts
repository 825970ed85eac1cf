import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { type CsvError, parse } from 'csv-parse/sync';
import { SubscriberRow } from './subscriber-row.js';

/** What a line of the file is: somebody, or a mistake. */
export type ParsedLine = { line: number; row: SubscriberRow } | { line: number; reason: string };

/** The file as a whole cannot be understood. */
export class CsvHeaderError extends Error {}

/** No sensible value goes over more lines than this. */
const MAX_LINES_OF_A_RECORD = 20;

type CsvRecord = { line: number; fields: string[] } | { line: number; reason: string };

/**
 * Reads a CSV file whose header names the columns `email` and `name`, in any order and among others.
 * A bad line is reported in its place; the rest is kept. Lazily, because a long file takes seconds.
 */
export function* parseSubscribers(text: string): Generator<ParsedLine> {
  let columns: { email: number; name: number } | undefined;
  const lineOfAddress = new Map<string, number>();
  for (const record of readRecords(text)) {
    if ('reason' in record) {
      yield record;
    } else if (!columns) {
      columns = readHeader(record);
    } else {
      const { line, fields } = record;
      const row = plainToInstance(SubscriberRow, {
        email: fields[columns.email],
        name: fields[columns.name],
      });
      const reason = problemOf(row, lineOfAddress);
      if (!reason) lineOfAddress.set(row.email.toLowerCase(), line);
      yield reason ? { line, reason } : { line, row };
    }
  }
}

function readHeader({ line, fields }: { line: number; fields: string[] }): { email: number; name: number } {
  const names = fields.map((field) => field.trim().toLowerCase());
  const columns = { email: names.indexOf('email'), name: names.indexOf('name') };
  if (columns.email < 0 || columns.name < 0) {
    throw new CsvHeaderError(
      `line ${line} must be a header that names the columns email and name, separated by a comma`,
    );
  }
  return columns;
}

function problemOf(row: SubscriberRow, lineOfAddress: Map<string, number>): string | undefined {
  const [error] = validateSync(row, { stopAtFirstError: true });
  if (error) return Object.values(error.constraints ?? {})[0];
  const earlier = lineOfAddress.get(row.email.toLowerCase());
  return earlier ? `${row.email} is already on line ${earlier}` : undefined;
}

/**
 * Splits the text record by record instead of all at once: in one go, a quote that is never closed would
 * swallow every good line after it.
 */
function* readRecords(text: string): Generator<CsvRecord> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  let index = 0;
  while (index < lines.length) {
    const line = index + 1;
    if (lines[index].trim() === '') {
      index += 1;
      continue;
    }
    const record = readRecord(lines, index);
    yield 'fields' in record ? { line, fields: record.fields } : { line, reason: record.reason };
    index += 'fields' in record ? record.length : 1;
  }
}

/** The record that begins on a line; it goes on over line breaks within quotes. */
function readRecord(
  lines: string[],
  start: number,
): { fields: string[]; length: number } | { reason: string } {
  for (let length = 1; length <= MAX_LINES_OF_A_RECORD && start + length <= lines.length; length += 1) {
    try {
      const [fields] = parse(lines.slice(start, start + length).join('\n'));
      return { fields, length };
    } catch (error) {
      if ((error as CsvError).code !== 'CSV_QUOTE_NOT_CLOSED') break;
    }
  }
  return { reason: 'a quotation mark is out of place or never closed' };
}
