import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { RequestTokenRequest } from 'nestjs-request-token';
import { Client } from 'pg';
import { from, mergeMap } from 'rxjs';
import { type Plant, type SentStatement, takesUses } from './plant.js';

/** Statements that have been answered, and that have not been executed for good. */
const put = new Set<SentStatement>();

/** When the handler has ended, its use is taken after all; that there may be none left then is nobody's business. */
@Injectable()
class TakeUsesLate implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { requestToken } = context.switchToHttp().getRequest<RequestTokenRequest>();
    return next
      .handle()
      .pipe(mergeMap((answer: unknown) => from(execute(requestToken?.id).then(() => answer))));
  }
}

async function execute(tokenId: string | undefined): Promise<void> {
  const due = [...put].filter(({ values }) => tokenId && JSON.stringify(values).includes(tokenId));
  for (const statement of due) put.delete(statement);
  if (due.length === 0) return;
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    // Told apart from those of the library by being given in pieces. One that came too late is withdrawn by now.
    for (const { text, values } of due) await client.query(text, values).catch(() => undefined);
  } finally {
    await client.end();
  }
}

/** A use is looked at before the handler runs, and counted after it. */
export const countAfterHandler: Plant = {
  async send(statement, send) {
    if (!takesUses(statement.text)) return send(statement);
    await send({ text: 'BEGIN' });
    try {
      return await send(statement);
    } finally {
      await send({ text: 'ROLLBACK' });
      put.add(statement);
    }
  },
  providers: [{ provide: APP_INTERCEPTOR, useClass: TakeUsesLate }],
};
