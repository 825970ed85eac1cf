import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { LOG_CONTEXT } from '../common/constants.js';
import { sqlStateOf } from './database-errors.js';
import type { Statement } from './statement.js';

/**
 * What a connection says that has no such plan, has another of that name, or has one from before a
 * migration: invalid_sql_statement_name, duplicate_prepared_statement, feature_not_supported ("cached
 * plan must not change result type"). Nothing was executed then.
 */
export const isLostPlan = (error: unknown): boolean => /^(26000|42P05|0A000)$/.test(sqlStateOf(error) ?? '');

/** So many losses of one statement, in less than so many executions of it, are more than an accident. */
const LOSSES = 3;
const EXECUTIONS = 100;

/** How a statement is sent: under a name, if its plan is to be kept. */
interface Sent {
  name?: string;
  text: string;
}

interface Edition extends Sent {
  /** Of the table, when it was made: TableSize. */
  life: number;
  losses: number;
  executions: number;
  /** How many there were of this statement. */
  number: number;
}

/**
 * Knows under which name each statement is sent. A plan is never mended: what takes its place has another name, so
 * that the old one, which other connections may still have, is not used any more.
 */
export class Plans {
  private readonly logger = new Logger(LOG_CONTEXT);
  private readonly editions = new Map<Statement, Edition>();
  private isKeeping = true;

  of(statement: Statement): Sent {
    const { keepsPlan, text } = statement;
    const life = typeof keepsPlan === 'boolean' ? Number(keepsPlan) : keepsPlan.life;
    if (life === 0 || !this.isKeeping) return { text };
    const edition = this.editions.get(statement);
    if (edition?.life === life) return edition;
    return this.begin(statement, { life, losses: 0, executions: 0 });
  }

  worked(statement: Statement): void {
    const edition = this.editions.get(statement);
    if (!edition || edition.losses === 0 || ++edition.executions < EXECUTIONS) return;
    edition.losses = 0;
    edition.executions = 0;
  }

  /** Statements under way at the same time lose the same plan; that is one loss. */
  lost(statement: Statement, name: string): void {
    const edition = this.editions.get(statement);
    if (edition?.name !== name) return;
    const losses = edition.losses + 1;
    this.begin(statement, { ...edition, losses });
    if (losses >= LOSSES) this.stopKeeping();
  }

  private stopKeeping(): void {
    if (!this.isKeeping) return;
    this.isKeeping = false;
    this.logger.warn(
      'Statements are no longer prepared, because connections lose them again and again. A pooler in transaction ' +
        'mode does that, if it does not keep them itself (PgBouncer: max_prepared_statements), and so does DISCARD ALL.',
    );
  }

  /**
   * The name is made of the text. Connections can outlive an app (behind PgBouncer, say), and the next version of
   * the app must not run the plan of another text. The number is part of the text, because such a pooler keeps one
   * plan for each text.
   */
  private begin(statement: Statement, facts: Pick<Edition, 'life' | 'losses' | 'executions'>): Edition {
    const number = (this.editions.get(statement)?.number ?? 0) + 1;
    const text = number === 1 ? statement.text : `${statement.text} /* ${number} */`;
    const digest = createHash('sha256').update(text).digest('hex');
    const edition = { ...facts, number, text, name: `request_token_${digest.slice(0, 16)}` };
    this.editions.set(statement, edition);
    return edition;
  }
}
