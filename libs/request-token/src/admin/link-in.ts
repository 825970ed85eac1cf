import { redactRequestTokens } from '../common/redact.js';

/**
 * The link, or JWT, in whatever somebody has pasted: between brackets, in the middle of a mail, before a full stop,
 * be it cut off. Undefined for anything else, which may be shown: there is nothing in it that opens something.
 */
export function linkIn(text: string): string | undefined {
  const words = text.split(/[\s<>"“”]+/).map((word) => word.replace(/^[([{]+|[.,;:!?)\]}]+$/g, ''));
  return words.find(hasToken) ?? words.find(isAddress) ?? (hasToken(text) ? text : undefined);
}

/** How the header of a JWT begins, and its claims as well: what is left of a JWT has one of them. */
const PART = /eyJ[\w-]{16}/;

const hasToken = (text: string): boolean => PART.test(text) || redactRequestTokens(text) !== text;

const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text);
