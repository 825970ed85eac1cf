import type { Provider } from '@nestjs/common';
import { Client } from 'pg';

/** A statement on its way to PostgreSQL, as the library sends it outside of transactions. */
export interface SentStatement {
  name?: string;
  text: string;
  values?: unknown[];
}

export type Send = (statement: SentStatement) => Promise<unknown>;

/**
 * A fault that is planted into the app from outside, to see whether the checker finds it. The library knows nothing
 * of it: it is in how its statements are sent, or what the app does besides.
 */
export interface Plant {
  /** Sends a statement its own way. */
  send: (statement: SentStatement, send: Send) => Promise<unknown>;
  providers?: Provider[];
}

/** What takes uses: the one kind of statement that counts up. */
export const takesUses = (text: string): boolean => /"use_count"\s*=\s*(\w+\.)?"use_count"\s*\+/.test(text);

/** Puts it between the library and all its connections. */
export function plant({ send }: Plant): void {
  const prototype = Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: Client, ...args: unknown[]) {
    const [statement] = args;
    const isOurs =
      args.length === 1 && typeof statement === 'object' && statement !== null && 'text' in statement;
    const sendAsIs = (...as: unknown[]) => query.apply(this, as);
    if (!isOurs || 'submit' in statement) return sendAsIs(...args);
    return send(statement as SentStatement, (one) => sendAsIs(one) as Promise<unknown>);
  };
}
