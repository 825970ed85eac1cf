/** The first moment that PostgreSQL can store: 24 November 4714 BC. */
export const FIRST_TIMESTAMP_MS = -210_866_803_200_000;

/**
 * A moment as PostgreSQL reads it, whatever its DateStyle: ISO 8601, but for years that JavaScript writes with
 * six digits, and years before 1.
 */
export function toTimestamp(date: Date): string {
  const text = date.toISOString();
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return text;
  const digits = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const rest = text.slice(text.indexOf('-', 1));
  return year > 0 ? digits + rest : `${digits}${rest} BC`;
}
