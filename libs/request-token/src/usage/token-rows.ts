import type { EntityNames } from '../entities/entity-names.js';
import { RequestToken } from '../entities/request-token.entity.js';

type Time = 'issuedAt' | 'notBefore' | 'expiresAt' | 'revokedAt';

const isTime = (property: keyof RequestToken): property is Time =>
  ['issuedAt', 'notBefore', 'expiresAt', 'revokedAt'].includes(property);

/**
 * A row of `request_token` as the statements about uses return it. Times are seconds since 1970: to read
 * PostgreSQL's own format takes longer than everything else of a row, and an app can tell pg to read it otherwise.
 */
export type TokenRow = Omit<RequestToken, Time> & Record<Time, number | null>;

/** SQL: what to select for a {@link TokenRow}. */
export function tokenRow({ properties, quoted }: EntityNames<RequestToken>, alias: string): string {
  return properties
    .map((property) => {
      const column = `${alias}.${quoted(property)}`;
      return `${isTime(property) ? `date_part('epoch', ${column})` : column} AS "${property}"`;
    })
    .join(', ');
}

/** The token of a row. Written out, because it is made for every use. */
export function toToken(row: TokenRow): RequestToken {
  const token = new RequestToken();
  token.id = row.id;
  token.scope = row.scope;
  token.targetPath = row.targetPath;
  token.userId = row.userId;
  token.loginMode = row.loginMode;
  token.issuedAt = toDate(row.issuedAt) as Date;
  token.notBefore = toDate(row.notBefore);
  token.expiresAt = toDate(row.expiresAt);
  token.revokedAt = toDate(row.revokedAt);
  token.maxUses = row.maxUses;
  token.useCount = row.useCount;
  token.data = row.data;
  return token;
}

const toDate = (seconds: number | null): Date | null =>
  seconds === null ? null : new Date(Math.round(seconds * 1_000));
