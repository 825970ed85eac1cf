import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
import type { Request } from 'express';
import { type CryptoKey, jwtVerify, SignJWT } from 'jose';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { batches } from './batches.js';
import { DatabaseModule } from './database.module.js';
import { newRow } from './new-row.js';
import { ANSWER, BATCH_SIZE, Issuing, PARAMETER, REDEEM_PATH, SCOPE, SECRET } from './subject.js';
import { UndecoratedController } from './undecorated.controller.js';

/** Imported once: jose would import a secret given as bytes again for every token. */
const KEY = Symbol('key');
const keyProvider = {
  provide: KEY,
  useFactory: () =>
    crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(SECRET),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    ),
};

/** Checks, counts and logs in one statement, so that of concurrent requests only one can have the last use. */
const TAKE_USE = `
  WITH taken AS (
    UPDATE request_token SET use_count = use_count + 1
    WHERE id = $1
      AND revoked_at IS NULL
      AND (not_before IS NULL OR not_before <= now())
      AND (expires_at IS NULL OR expires_at > now())
      AND (max_uses IS NULL OR use_count < max_uses)
    RETURNING id, data
  ), logged AS (
    INSERT INTO request_token_log
      (id, token_id, user_id, client_ip, user_agent, method, path, status_code, outcome, started_at)
    SELECT $2::uuid, id, $3, $4::inet, $5, $6, $7, 200, 'used', now() FROM taken
  )
  SELECT id, data FROM taken`;

@Injectable()
class AtomicGuard implements CanActivate {
  constructor(
    @Inject(KEY) private readonly key: CryptoKey,
    private readonly dataSource: DataSource,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const { jti, sub } = await this.verify(request.query[PARAMETER] as string);
    const [token] = await this.dataSource.query<object[]>(TAKE_USE, [
      jti,
      uuidv7(),
      sub,
      request.ip,
      request.get('user-agent'),
      request.method,
      request.path,
    ]);
    if (!token) throw new ForbiddenException();
    Object.assign(request, { user: { id: sub }, token });
    return true;
  }

  private async verify(jwt: string) {
    const verified = await jwtVerify(jwt, this.key, { algorithms: ['HS256'] }).catch(() => undefined);
    if (verified?.payload.scope !== SCOPE) throw new ForbiddenException();
    return verified.payload;
  }
}

@Controller()
class AtomicController {
  @Get(REDEEM_PATH)
  @UseGuards(AtomicGuard)
  redeem() {
    return ANSWER;
  }
}

const INSERT = `
  INSERT INTO request_token (id, scope, user_id, login_mode, issued_at, expires_at, max_uses)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const INSERT_MANY = `
  INSERT INTO request_token (id, scope, user_id, login_mode, issued_at, expires_at, max_uses)
  SELECT id, $3, user_id, $4, $5, $6, $7 FROM unnest($1::uuid[], $2::text[]) AS new (id, user_id)`;

type Row = ReturnType<typeof newRow>;

@Injectable()
class AtomicIssuing implements Issuing {
  constructor(
    @Inject(KEY) private readonly key: CryptoKey,
    private readonly dataSource: DataSource,
  ) {}

  async issue(user: string): Promise<string> {
    const row = newRow(user);
    const { id, scope, userId, loginMode, issuedAt, expiresAt, maxUses } = row;
    await this.dataSource.query(INSERT, [id, scope, userId, loginMode, issuedAt, expiresAt, maxUses]);
    return this.sign(row);
  }

  async *issueMany(users: Iterable<string>): AsyncIterable<string> {
    for (const batch of batches(users, BATCH_SIZE)) {
      const rows = batch.map(newRow);
      const [jwts] = await Promise.all([Promise.all(rows.map((row) => this.sign(row))), this.insert(rows)]);
      yield* jwts;
    }
  }

  private insert(rows: Row[]): Promise<unknown> {
    const [{ scope, loginMode, issuedAt, expiresAt, maxUses }] = rows;
    const ids = rows.map(({ id }) => id);
    const userIds = rows.map(({ userId }) => userId);
    return this.dataSource.query(INSERT_MANY, [ids, userIds, scope, loginMode, issuedAt, expiresAt, maxUses]);
  }

  private sign({ id, userId, issuedAt, expiresAt }: Row): Promise<string> {
    return new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setJti(id)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.key);
  }
}

/** As good as by hand: a key imported once, one statement each, and batches that are signed while they are inserted. */
@Module({
  imports: [DatabaseModule],
  controllers: [AtomicController, UndecoratedController],
  providers: [keyProvider, { provide: Issuing, useClass: AtomicIssuing }],
})
export class HandWrittenAtomicModule {}
