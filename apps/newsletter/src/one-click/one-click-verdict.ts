import { bearsOneClick } from './one-click-link.js';

export interface HeaderField {
  name: string;
  value: string;
}

/** A DKIM signature of a mail. */
export interface MailSignature {
  domain: string;
  valid: boolean;
  /** Names of the header fields that it covers, in lower case. */
  covers: string[];
  /** Why it is not valid. */
  problem?: string;
}

export interface OneClickCheck {
  what: string;
  met: boolean;
  detail?: string;
}

/** Whether a mail program would offer to unsubscribe with one click. */
export interface OneClickVerdict {
  offered: boolean;
  checks: OneClickCheck[];
}

const LINK_FIELD = 'list-unsubscribe';
const POST_FIELD = 'list-unsubscribe-post';

/** What RFC 8058 asks of a mail, point by point. */
export function judgeOneClick(fields: HeaderField[], signatures: MailSignature[]): OneClickVerdict {
  const links = linksIn(fields);
  const valid = signatures.filter(({ valid }) => valid);
  const checks: OneClickCheck[] = [
    { what: 'The header field List-Unsubscribe holds a link.', met: links.length > 0 },
    { what: 'The link is https, or leads to this computer.', met: links.some(bearsOneClick) },
    {
      what: 'The header field List-Unsubscribe-Post says List-Unsubscribe=One-Click.',
      met: only(fields, POST_FIELD)?.toLowerCase() === 'list-unsubscribe=one-click',
    },
    {
      what: 'The mail has a valid DKIM signature.',
      met: valid.length > 0,
      detail: signatures.map(describe).join(' ') || 'It has none.',
    },
    {
      what: 'The signature covers both header fields.',
      met: valid.some(({ covers }) => covers.includes(LINK_FIELD) && covers.includes(POST_FIELD)),
    },
  ];
  return { offered: checks.every(({ met }) => met), checks };
}

/** The links of `List-Unsubscribe: <https://…>, <mailto:…>`; none if it is anything else (RFC 2369). */
function linksIn(fields: HeaderField[]): string[] {
  const value = only(fields, LINK_FIELD)?.replace(/\s/g, '') ?? '';
  return /^<[^<>]+>(,<[^<>]+>)*$/.test(value) ? value.slice(1, -1).split('>,<') : [];
}

/** A field that is there twice says nothing: programs may read either. */
function only(fields: HeaderField[], name: string): string | undefined {
  const values = fields.filter((field) => field.name.toLowerCase() === name).map(({ value }) => value.trim());
  return values.length === 1 ? values[0] : undefined;
}

function describe({ domain, valid, problem }: MailSignature): string {
  return valid
    ? `${domain} has signed it.`
    : `That of ${domain} is not valid: ${problem ?? 'no reason given'}.`;
}
