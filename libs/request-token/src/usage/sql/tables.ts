import type { Columns } from '../../database/json-rows.js';
import { lifeOfBoth, SmallTableSize, TableSize } from '../../database/table-size.js';
import type { EntityRows, TextRow } from '../../entities/entity-rows.js';
import type { KnownEntities } from '../../entities/known-entities.js';
import { RequestToken } from '../../entities/request-token.entity.js';
import { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import { RequestTokenRevocation } from '../../entities/request-token-revocation.entity.js';
import { KNOWN_AT_THE_END, type LogEntry } from '../log-entry.js';

export type TokenRow = TextRow<RequestToken>;

/** What there is of one token, or nothing of any, and how big the table is; that of revocations, too, where it is asked. */
export type Sized<Row> = { bytes: string; revocationBytes?: string } & (Row | { id: null });

/** The tables as the app's DataSource has them. TypeORM maps nothing in SQL written by hand. */
export class UsageTables {
  readonly token: EntityRows<RequestToken>;
  readonly log: EntityRows<RequestTokenLog>;
  readonly revocation: EntityRows<RequestTokenRevocation>;
  readonly entryColumns: Columns<keyof LogEntry>;
  /** Those that a client, or the app, may have written in any language. */
  readonly entryTexts: (keyof LogEntry)[];
  /** What is known of the size of `request_token`, for statements about one row of it and about many. */
  readonly tokenSize = { one: new TableSize('one'), many: new TableSize('many') };
  private readonly revocationSize = new SmallTableSize();
  /** For statements that look many tokens up, and whether they were revoked. */
  readonly tokenAndRevocationLife = lifeOfBoth(this.tokenSize.many, this.revocationSize);

  constructor(entities: KnownEntities) {
    this.token = entities.rowsOf(RequestToken);
    this.log = entities.rowsOf(RequestTokenLog);
    this.revocation = entities.rowsOf(RequestTokenRevocation);
    const isKnown = (name: string): name is keyof LogEntry => !KNOWN_AT_THE_END.some((late) => late === name);
    this.entryColumns = this.log.columns.flatMap(([name, type]) =>
      isKnown(name) ? [[name, type] as const] : [],
    );
    this.entryTexts = this.entryColumns.flatMap(([name, type]) => (type === 'text' ? name : []));
  }

  /** Tells what a statement has reported, of which the next executions go by. */
  observe({ bytes, revocationBytes }: Pick<Sized<object>, 'bytes' | 'revocationBytes'>): void {
    this.tokenSize.one.observe(Number(bytes));
    this.tokenSize.many.observe(Number(bytes));
    if (revocationBytes !== undefined) this.revocationSize.observe(Number(revocationBytes));
  }
}
