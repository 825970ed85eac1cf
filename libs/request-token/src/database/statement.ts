import { createHash } from 'node:crypto';

export interface Statement {
  /** PostgreSQL keeps the plan of a statement with a name for as long as the connection lives. */
  name?: string;
  text: string;
}

/**
 * A statement that is parsed and planned once per connection.
 *
 * The name is made of the text. Connections can outlive an app (behind PgBouncer, say), and the next
 * version of the app must not run the plan of another text.
 */
export function prepared(text: string): Statement {
  const digest = createHash('sha256').update(text).digest('hex');
  return { name: `request_token_${digest.slice(0, 16)}`, text };
}

/**
 * A statement that is planned each time, for a table that this app fills: a plan made while it was small reads
 * all of it, and goes on to do so until the table is analyzed.
 */
export const plannedEachTime = (text: string): Statement => ({ text });
