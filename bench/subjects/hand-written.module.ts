import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import type { Request } from 'express';
import { RequestToken, RequestTokenLog } from 'nestjs-request-token';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { DatabaseModule } from './database.module.js';
import { batches } from './batches.js';
import { newRow } from './new-row.js';
import {
  ANSWER,
  BATCH_SIZE,
  Issuing,
  LIFETIME_DAYS,
  PARAMETER,
  REDEEM_PATH,
  SCOPE,
  SECRET,
} from './subject.js';
import { UndecoratedController } from './undecorated.controller.js';

interface Payload {
  jti: string;
  sub: string;
  scope: string;
}

/** What comes to mind first: look whether the token is good, then count the use, then log it. */
@Injectable()
class HandWrittenGuard implements CanActivate {
  constructor(
    private readonly jwt: JwtService,
    @InjectRepository(RequestToken) private readonly tokens: Repository<RequestToken>,
    @InjectRepository(RequestTokenLog) private readonly logs: Repository<RequestTokenLog>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const payload = await this.verify(request.query[PARAMETER] as string);
    const token = await this.tokens.findOne({ where: { id: payload.jti } });
    if (!token || token.revokedAt || (token.expiresAt && token.expiresAt <= new Date())) {
      throw new ForbiddenException();
    }
    if (token.maxUses !== null && token.useCount >= token.maxUses) throw new ForbiddenException();
    await this.tokens.increment({ id: token.id }, 'useCount', 1);
    await this.logs.insert({
      id: uuidv7(),
      tokenId: token.id,
      userId: payload.sub,
      clientIp: request.ip,
      userAgent: request.get('user-agent') ?? null,
      method: request.method,
      path: request.path,
      statusCode: 200,
      outcome: 'used',
      startedAt: new Date(),
    });
    Object.assign(request, { user: { id: payload.sub }, token });
    return true;
  }

  private async verify(jwt: string): Promise<Payload> {
    const payload = await this.jwt.verifyAsync<Payload>(jwt).catch(() => undefined);
    if (payload?.scope !== SCOPE) throw new ForbiddenException();
    return payload;
  }
}

@Controller()
class HandWrittenController {
  @Get(REDEEM_PATH)
  @UseGuards(HandWrittenGuard)
  redeem() {
    return ANSWER;
  }
}

@Injectable()
class HandWrittenIssuing implements Issuing {
  constructor(
    private readonly jwt: JwtService,
    @InjectRepository(RequestToken) private readonly tokens: Repository<RequestToken>,
  ) {}

  async issue(user: string): Promise<string> {
    const row = newRow(user);
    await this.tokens.insert(row);
    return this.sign(row);
  }

  async *issueMany(users: Iterable<string>): AsyncIterable<string> {
    for (const batch of batches(users, BATCH_SIZE)) {
      const rows = batch.map(newRow);
      await this.tokens.insert(rows);
      for (const row of rows) yield await this.sign(row);
    }
  }

  private sign({ id, userId }: { id: string; userId: string }): Promise<string> {
    return this.jwt.signAsync({ sub: userId, scope: SCOPE }, { jwtid: id, expiresIn: `${LIFETIME_DAYS}d` });
  }
}

@Module({
  imports: [
    DatabaseModule,
    TypeOrmModule.forFeature([RequestToken, RequestTokenLog]),
    JwtModule.register({ secret: SECRET }),
  ],
  controllers: [HandWrittenController, UndecoratedController],
  providers: [{ provide: Issuing, useClass: HandWrittenIssuing }],
})
export class HandWrittenModule {}
