import { createHash } from 'node:crypto';

/** SQL under a name, by which PostgreSQL keeps its plan. */
export interface Statement {
  name: string;
  text: string;
}

/**
 * The name is made of the text. Connections can outlive an app (behind PgBouncer, say), and the next
 * version of the app must not run the plan of another text.
 */
export function statement(text: string): Statement {
  const digest = createHash('sha256').update(text).digest('hex');
  return { name: `request_token_${digest.slice(0, 16)}`, text };
}
