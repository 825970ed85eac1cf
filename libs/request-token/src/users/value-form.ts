import { types } from 'node:util';
import type { DataSource } from 'typeorm';
import { type Column, keyFormOf } from './key-form.js';

/**
 * A value of a user object in the form that its column gives it back in, so that a user who was just saved counts as
 * the same who is loaded later; undefined if only the database can tell.
 */
export type ValueForm = (value: unknown) => unknown;

const text: ValueForm = (value) => (typeof value === 'string' ? value : undefined);

const boolean: ValueForm = (value) => (typeof value === 'boolean' ? value : undefined);

const bytes: ValueForm = (value) => (types.isUint8Array(value) ? value : undefined);

const isDate = (value: unknown): value is Date => types.isDate(value) && !Number.isNaN(value.getTime());

const moment: ValueForm = (value) => (isDate(value) ? value : undefined);

/** As the column has it, which knows no time zone: the Date that is made of it depends on the process. */
const wallClock: ValueForm = (value) =>
  isDate(value)
    ? [
        [value.getFullYear(), value.getMonth() + 1, value.getDate()].join('-'),
        [value.getHours(), value.getMinutes(), value.getSeconds(), value.getMilliseconds()].join(':'),
      ].join(' ')
    : undefined;

const FORMS: Record<string, ValueForm> = {
  citext: text,
  enum: text,
  boolean,
  bytea: bytes,
  'timestamp with time zone': moment,
  'timestamp without time zone': wallClock,
};

/** How the values of this column are compared, as far as its type tells. */
export function valueFormOf(column: Column, dataSource: DataSource): ValueForm {
  const keyForm = keyFormOf(column, dataSource);
  const type = dataSource.driver.normalizeType(column);
  const isPlain = !column.transformer && !column.isArray && typeof column.precision !== 'number';
  const form = isPlain && Object.hasOwn(FORMS, type) ? FORMS[type] : ofKey(keyForm);
  return (value) => (value === null && isPlain ? null : form(value));
}

const ofKey =
  (form: ReturnType<typeof keyFormOf>): ValueForm =>
  (value) =>
    typeof value === 'string' || typeof value === 'bigint' || Number.isSafeInteger(value)
      ? form(String(value))
      : undefined;
