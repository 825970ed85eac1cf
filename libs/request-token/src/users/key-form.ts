import type { DataSource, EntityMetadata } from 'typeorm';

export type Column = EntityMetadata['primaryColumns'][number];

/** The form in which the database gives this key back; undefined if only the database can tell. */
export type KeyForm = (key: string) => string | undefined;

const asItIs: KeyForm = (key) => key;
const askDatabase: KeyForm = () => undefined;

/** PostgreSQL's own spelling of integers: white space and a sign may come before the digits. */
const INTEGER = /^[ \t\n\v\f\r]*([+-]?)(\d+)[ \t\n\v\f\r]*$/;

/** From version 16 on it reads `0x1f` and `1_000`, too. */
const OTHER_INTEGER = /^[ \t\n\v\f\r]*[+-]?\d/;

function integer(key: string): string | undefined {
  const [, sign, digits] = INTEGER.exec(key) ?? [];
  if (digits === undefined) return OTHER_INTEGER.test(key) ? undefined : key;
  // Longer than any type of integer: it is nobody's key, and takes long to read.
  if (digits.length > 100) return key;
  return BigInt(`${sign === '-' ? '-' : ''}${digits}`).toString();
}

/** In capitals or not, in braces or not, with a hyphen after any group of four digits. */
const UUID = /^(?:[\da-f]{4}-?){7}[\da-f]{4}$/i;

function uuid(key: string): string {
  const bare = key.startsWith('{') && key.endsWith('}') ? key.slice(1, -1) : key;
  if (!UUID.test(bare)) return key;
  const digits = bare.replaceAll('-', '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const FORMS: Record<string, KeyForm> = {
  smallint: integer,
  integer,
  bigint: integer,
  uuid,
  text: asItIs,
  'character varying': asItIs,
};

/** How keys of this column are compared, as far as its type tells; without a query for the types that most keys have. */
export function keyFormOf(column: Column, { driver }: DataSource): KeyForm {
  if (column.transformer || column.collation || column.isArray) return askDatabase;
  const type = driver.normalizeType(column);
  return Object.hasOwn(FORMS, type) ? FORMS[type] : askDatabase;
}
