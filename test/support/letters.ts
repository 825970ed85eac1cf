import { decodeJwt } from 'jose';
import { type ParsedMail, simpleParser } from 'mailparser';
import type { SandboxDatabase } from './sandbox.js';

/** A mail of the newsletter, as it arrived. */
export interface Letter {
  to: string;
  raw: Buffer;
  parsed: ParsedMail;
  links: { rsvp: string; preferences: string; unsubscribe: string };
  /** Every address in its parts and headers, once. */
  addresses: string[];
}

export async function readLetter(raw: Buffer): Promise<Letter> {
  const parsed = await simpleParser(raw);
  const addresses = addressesIn(parsed);
  const find = (end: string) => {
    const found = addresses.find((address) => new URL(address).pathname.endsWith(end));
    if (!found) throw new Error(`There is no link to …${end} in the mail:\n${parsed.text}`);
    return found;
  };
  return {
    to: [parsed.to ?? []].flat().flatMap(({ value }) => value)[0]?.address ?? '',
    raw,
    parsed,
    get links() {
      return {
        rsvp: find('/rsvp'),
        preferences: find('/preferences'),
        unsubscribe: find('/unsubscribe'),
      };
    },
    addresses,
  };
}

/** What has arrived in the app's own inbox, the oldest first. */
export async function inboxOf(database: SandboxDatabase): Promise<Letter[]> {
  const rows = await database.query<{ raw: Buffer }>('SELECT raw FROM inbox_message ORDER BY id');
  return Promise.all(rows.map(({ raw }) => readLetter(raw)));
}

function addressesIn({ text = '', html, headerLines }: ParsedMail): string[] {
  const parts = [
    ...text.matchAll(/<(https?:[^<>\s]+)>/g),
    ...(html || '').matchAll(/href="(https?:[^"]+)"/g),
    ...headerLines
      .filter(({ key }) => key === 'list-unsubscribe')
      .flatMap(({ line }) => [...line.replace(/\r?\n\s+/g, '').matchAll(/<(https?:[^<>]+)>/g)]),
  ];
  return [...new Set(parts.map(([, address]) => address.replaceAll('&amp;', '&')))];
}

/** What a link carries: the JWT, and the id of its row. */
export function tokenOf(link: string): { jwt: string; id: string } {
  const jwt = new URL(link).searchParams.get('rt') ?? '';
  return { jwt, id: decodeJwt(jwt).jti ?? '' };
}
