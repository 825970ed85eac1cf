import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { RequestToken } from '../entities/request-token.entity.js';
import type { RequestTokenLog, RequestTokenOutcome } from '../entities/request-token-log.entity.js';
import { REQUEST_TOKEN_DATA_SOURCE } from '../request-token.constants.js';
import type { Moment } from '../token/token-state.js';
import { LOG_COLUMNS, UsageStatements } from './usage.statements.js';

/** What a new log row says, beside its id and its token. */
export type LogEntry = Omit<RequestTokenLog, 'id' | 'tokenId' | 'token'>;

/** A use that was taken: the token as it is since, and the log row to settle, if one was written. */
export interface Claim {
  token: RequestToken;
  logId?: string;
}

/** How a claimed use ends. */
export interface Settlement {
  outcome: Extract<RequestTokenOutcome, 'used' | 'released'>;
  statusCode: number | null;
  durationMs: number;
}

/** Uses in the database. Each method is one round trip. */
@Injectable()
export class UsageStore {
  private statements?: UsageStatements;

  constructor(@Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource) {
    if (dataSource.options.type !== 'postgres') {
      throw new Error(`RequestTokenModule needs PostgreSQL; its DataSource is ${dataSource.options.type}`);
    }
  }

  find(tokenId: string, manager: EntityManager = this.dataSource.manager): Promise<RequestToken | null> {
    return manager.findOneBy(RequestToken, { id: tokenId });
  }

  /** Takes one use; nothing if the row does not allow it. */
  async claim(
    tokenId: string,
    { latest, earliest }: Moment,
    entry: LogEntry | undefined,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<Claim | undefined> {
    if (!entry) {
      const [[row]] = await manager.query<[object[], number]>(this.sql.claim, [tokenId, latest, earliest]);
      return row && { token: toToken(row) };
    }
    const logId = uuidv7();
    const parameters = [tokenId, latest, earliest, ...logParameters(logId, entry)];
    const [row] = await manager.query<object[]>(this.sql.claimAndLog, parameters);
    return row && { token: toToken(row), logId };
  }

  async settle({ token, logId }: Claim, { outcome, statusCode, durationMs }: Settlement): Promise<void> {
    const released = outcome === 'released';
    if (logId) {
      const sql = released ? this.sql.release : this.sql.keep;
      await this.dataSource.query(sql, [logId, outcome, statusCode, durationMs]);
    } else if (released) {
      await this.dataSource.query(this.sql.releaseUnlogged, [token.id]);
    }
  }

  async logRefusal(tokenId: string, entry: LogEntry): Promise<void> {
    await this.dataSource.query(this.sql.logRefusal, [tokenId, ...logParameters(uuidv7(), entry)]);
  }

  /** Made at first use: the DataSource may be initialized by hand, after the modules. */
  private get sql(): UsageStatements {
    return (this.statements ??= new UsageStatements(this.dataSource));
  }
}

const logParameters = (id: string, entry: LogEntry): unknown[] =>
  LOG_COLUMNS.map(([name]) => (name === 'id' ? id : entry[name]));

const toToken = (row: object): RequestToken => Object.assign(new RequestToken(), row);
