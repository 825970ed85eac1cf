import { toTimestamp } from './timestamp.js';

/** How the values of a PostgreSQL type go into SQL, and come out of it. */
export interface ColumnType {
  /** What a parameter is read as. It fits whatever the column of an app really is: bigint for int, say. */
  readonly parameter: string;
  /** PostgreSQL's own types that the column may have in an app: all statements work with them. */
  readonly columns: readonly string[];
  /** SQL: what to select of a column, which is text always. */
  readonly select: (column: string) => string;
  readonly fromText: (text: string) => unknown;
  /** Where a value cannot be a parameter as it is. */
  readonly toParameter?: (value: unknown) => unknown;
}

/**
 * Text, so that JavaScript reads the same whatever an app, or somebody's role or schema, says about formats: pg's
 * binary results, its parsers of types, DateStyle, bigint for int.
 */
export const asText = (column: string): string => `${column}::text`;

/** Seconds since 1970 are quicker to read than PostgreSQL's own format, which takes longer than all else of a row. */
const asSeconds = (column: string): string => `date_part('epoch', ${column})::text`;

const asItIs = (text: string): string => text;

const TEXTS = ['text', 'varchar', 'bpchar'];

const TYPES: Record<string, ColumnType> = {
  uuid: { parameter: 'uuid', columns: ['uuid'], select: asText, fromText: asItIs },
  varchar: { parameter: 'text', columns: TEXTS, select: asText, fromText: asItIs },
  text: { parameter: 'text', columns: TEXTS, select: asText, fromText: asItIs },
  int: {
    parameter: 'int',
    columns: ['int4', 'int8', 'int2', 'numeric', 'float8', 'float4'],
    select: asText,
    fromText: Number,
  },
  timestamptz: {
    parameter: 'timestamptz',
    // Without time zone it would be read in that of whoever reads it.
    columns: ['timestamptz'],
    select: asSeconds,
    fromText: toDate,
    toParameter: (value) => toTimestamp(value as Date),
  },
  jsonb: {
    parameter: 'jsonb',
    columns: ['jsonb', 'json'],
    select: asText,
    fromText: (text) => JSON.parse(text) as unknown,
  },
  // A cast to text would add the length of the netmask.
  inet: {
    parameter: 'inet',
    columns: ['inet', 'cidr'],
    select: (column) => `host(${column})`,
    fromText: asItIs,
  },
};

/** @throws Error if it is not known how to write and read this type */
export function columnType(name: string): ColumnType {
  if (!Object.hasOwn(TYPES, name)) throw new Error(`Columns of type ${name} can be neither written nor read`);
  return TYPES[name];
}

/** The last moment that a Date can tell; the first is as far from 1970. */
const LAST_DATE_MS = 8.64e15;

/** PostgreSQL's times go further, up to infinity: then it is the nearest Date, which compares the same. */
function toDate(seconds: string): Date {
  return new Date(Math.max(-LAST_DATE_MS, Math.min(Math.round(Number(seconds) * 1_000), LAST_DATE_MS)));
}
