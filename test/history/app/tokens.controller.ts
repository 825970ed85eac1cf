import { setTimeout } from 'node:timers/promises';
import { Body, Controller, Headers, Post } from '@nestjs/common';
import { type IssueOptions, RequestToken, type RevokeOptions, TokenService } from 'nestjs-request-token';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { RunRecord } from '../../faults/app/run-record.js';
import type { Call, RowFacts } from '../model/history.js';
import { SCOPE } from './scope.js';

const HOUR_MS = 3_600_000;
const CHECK_VIOLATION = '23514';

type AnswerTo<Kind extends Call['kind']> = NonNullable<Extract<Call, { kind: Kind }>['answer']>;

/** The log row that this transaction has written. */
const OWN_LOG_ROW = `
  SELECT id FROM request_token_log WHERE token_id = $1 AND xmin = pg_current_xact_id()::xid`;

class RollBack extends Error {}

/** What an app does with its tokens, behind its routes. */
@Controller('tokens')
export class TokensController {
  private readonly record = new RunRecord();

  constructor(
    private readonly tokens: TokenService,
    private readonly dataSource: DataSource,
  ) {}

  @Post('issue')
  async issue(@Body() options: IssueOptions) {
    const { token, jwt } = await this.tokens.issue({ scope: SCOPE, ...options });
    return { id: token.id, jwt };
  }

  @Post('redeem')
  async redeem(
    @Body() { jwt, told, takeMs }: { jwt: string; told: 'commit' | 'rollback'; takeMs: number },
    @Headers('user-agent') visitId: string,
  ) {
    const redeem = async (manager: EntityManager) => {
      const { id: tokenId } = await this.tokens.redeem(jwt, { scope: SCOPE, manager });
      const [row] = await manager.query<{ id: string }[]>(OWN_LOG_ROW, [tokenId]);
      const run = { tokenId, visitId, logId: row?.id };
      this.record.write(run, 'began');
      await setTimeout(takeMs);
      if (told === 'commit') return run;
      this.record.write(run, 'failed');
      throw new RollBack();
    };
    try {
      this.record.write(await this.dataSource.transaction(redeem), 'succeeded');
    } catch (error) {
      if (!(error instanceof RollBack)) throw error;
    }
    return {};
  }

  @Post('revoke')
  async revoke(@Body() { id, user }: { id?: string; user: number }): Promise<{ answer: AnswerTo<'revoke'> }> {
    const which: RevokeOptions = { user };
    return { answer: await this.tokens.revoke(id ?? which) };
  }

  @Post('change')
  async change(
    @Body() { id, to }: { id: string; to: Partial<RowFacts> },
  ): Promise<{ answer: AnswerTo<'change'> }> {
    const { maxUses, isExpired } = to;
    const expiresAt = new Date(Date.now() + (isExpired ? -HOUR_MS : HOUR_MS));
    const changes = {
      ...(maxUses !== undefined && { maxUses }),
      ...(isExpired !== undefined && { expiresAt }),
    };
    try {
      const { affected } = await this.dataSource.manager.update(RequestToken, { id }, changes);
      return { answer: affected ? 'done' : 'nothing' };
    } catch (error) {
      if (error instanceof QueryFailedError && codeOf(error) === CHECK_VIOLATION)
        return { answer: 'refused' };
      throw error;
    }
  }

  @Post('inspect')
  async inspect(@Body() { jwt }: { jwt: string }): Promise<{ answer: AnswerTo<'inspect'> }> {
    const { token, code } = await this.tokens.inspect(jwt);
    return { answer: { row: token ? factsOfRow(token) : null, code } };
  }

  @Post('release-pending')
  async releasePending(@Body() { olderThanMs }: { olderThanMs: number }) {
    return { answer: await this.tokens.releasePending({ olderThan: olderThanMs / 1_000 }) };
  }

  @Post('maintain')
  async maintain(@Body() { olderThanMs }: { olderThanMs: number }) {
    const releasePending = olderThanMs / 1_000;
    // Of a row that is gone the machine knows nothing.
    const { released } = await this.tokens.maintain({ keepLogs: '1d', keepTokens: '1d', releasePending });
    return { answer: released };
  }
}

const codeOf = ({ driverError }: QueryFailedError): unknown => (driverError as { code?: unknown }).code;

const factsOfRow = ({ useCount, maxUses, revokedAt, expiresAt }: RequestToken): RowFacts => ({
  useCount,
  maxUses,
  isRevoked: revokedAt !== null,
  isExpired: expiresAt !== null && expiresAt <= new Date(),
});
