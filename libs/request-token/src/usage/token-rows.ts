import type { LoginMode } from '../common/claims.js';
import type { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';

/**
 * SQL: what to select of a column, which is text always, so that JavaScript reads the same whatever an app, or
 * somebody's role or schema, says about formats: pg's binary results, its parsers of types, DateStyle, bigint for
 * int. Seconds since 1970 are also quicker to read than PostgreSQL's own format of a time, which takes longer than
 * everything else of a row.
 */
export const asText = (column: string): string => `${column}::text`;
export const asSeconds = (column: string): string => `date_part('epoch', ${column})::text`;

const READ = {
  id: asText,
  scope: asText,
  targetPath: asText,
  userId: asText,
  loginMode: asText,
  issuedAt: asSeconds,
  notBefore: asSeconds,
  expiresAt: asSeconds,
  revokedAt: asSeconds,
  maxUses: asText,
  useCount: asText,
  data: asText,
} as const satisfies Record<keyof RequestToken, (column: string) => string>;

/** A row of `request_token` as {@link tokenRow} selects it. */
export type TokenRow = {
  [Property in keyof RequestToken]: string | (null extends RequestToken[Property] ? null : never);
};

/** SQL: what to select for a {@link TokenRow}. */
export function tokenRow({ quoted }: EntityNames<RequestToken>, alias: string): string {
  return Object.entries(READ)
    .map(
      ([property, read]) => `${read(`${alias}.${quoted(property as keyof RequestToken)}`)} AS "${property}"`,
    )
    .join(', ');
}

/** The token of a row. Written out, because it is made for every use. */
export function toToken(row: TokenRow): RequestToken {
  const token = new RequestToken();
  token.id = row.id;
  token.scope = row.scope;
  token.targetPath = row.targetPath;
  token.userId = row.userId;
  token.loginMode = row.loginMode as LoginMode;
  token.issuedAt = toDate(row.issuedAt);
  token.notBefore = row.notBefore === null ? null : toDate(row.notBefore);
  token.expiresAt = row.expiresAt === null ? null : toDate(row.expiresAt);
  token.revokedAt = row.revokedAt === null ? null : toDate(row.revokedAt);
  token.maxUses = row.maxUses === null ? null : Number(row.maxUses);
  token.useCount = Number(row.useCount);
  token.data = JSON.parse(row.data) as Record<string, unknown>;
  return token;
}

/** The last moment that a Date can tell; the first is as far from 1970. */
const LAST_DATE_MS = 8.64e15;

/** PostgreSQL's times go further, up to infinity: then it is the nearest Date, which compares the same. */
export const toDate = (seconds: string): Date =>
  new Date(Math.max(-LAST_DATE_MS, Math.min(Math.round(Number(seconds) * 1_000), LAST_DATE_MS)));
