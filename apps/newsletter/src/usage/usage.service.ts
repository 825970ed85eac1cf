import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { RequestToken, RequestTokenLog, TokenService } from 'nestjs-request-token';
import { In, type Repository } from 'typeorm';
import { PAGE_SIZE, paginate, type Pagination } from '../pages/pagination.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { summaryOf, type TokenSummary } from './token-summary.js';
import { VERDICTS } from './verdicts.js';

export interface LinkVerdict {
  usable: boolean;
  code?: string;
  explanation?: string;
  token?: TokenSummary;
  /** Whether nothing is stored of it yet. */
  isDeferred?: boolean;
}

@Injectable()
export class UsageService {
  constructor(
    private readonly tokenService: TokenService,
    @InjectRepository(RequestToken) private readonly tokens: Repository<RequestToken>,
    @InjectRepository(RequestTokenLog) private readonly logs: Repository<RequestTokenLog>,
    @InjectRepository(Subscriber) private readonly subscribers: Repository<Subscriber>,
  ) {}

  async list(page: number): Promise<{ tokens: TokenSummary[]; pagination: Pagination }> {
    const [tokens, total] = await this.tokens.findAndCount({
      order: { issuedAt: 'DESC', id: 'DESC' },
      skip: (page - 1) * PAGE_SIZE,
      take: PAGE_SIZE,
    });
    return { tokens: await this.summarize(tokens), pagination: paginate(page, total) };
  }

  async get(id: string): Promise<TokenSummary> {
    const token = await this.tokens.findOneBy({ id });
    if (!token) throw new NotFoundException('There is no such token.');
    const [summary] = await this.summarize([token]);
    return summary;
  }

  async log(tokenId: string, page: number): Promise<{ logs: RequestTokenLog[]; pagination: Pagination }> {
    const [logs, total] = await this.logs.findAndCount({
      where: { tokenId },
      order: { startedAt: 'DESC', id: 'DESC' },
      skip: (page - 1) * PAGE_SIZE,
      take: PAGE_SIZE,
    });
    return { logs, pagination: paginate(page, total) };
  }

  /** "Why did this link fail?" Nothing of the link itself is in the answer. */
  async inspect(link: string): Promise<LinkVerdict> {
    const { token: row, deferred, usable, code } = await this.tokenService.inspect(link);
    const token = row ?? deferred;
    const [summary] = await this.summarize(token ? [token] : []);
    return { usable, code, explanation: code && VERDICTS[code], token: summary, isDeferred: !!deferred };
  }

  private async summarize(tokens: RequestToken[]): Promise<TokenSummary[]> {
    const ids = new Set(tokens.map(({ userId }) => Number(userId)).filter(Number.isInteger));
    const subscribers = await this.subscribers.findBy({ id: In([...ids]) });
    const emails = new Map(subscribers.map(({ id, email }) => [String(id), email]));
    const now = new Date();
    return tokens.map((token) => summaryOf(token, emails.get(token.userId ?? ''), now));
  }
}
