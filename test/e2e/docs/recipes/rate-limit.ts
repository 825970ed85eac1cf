import type { IncomingMessage, ServerResponse } from 'node:http';
import { All, Controller, Get, Injectable, type MiddlewareConsumer, Module } from '@nestjs/common';
import { type NestMiddleware, type NestModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { InjectThrottlerStorage, minutes, ThrottlerException, ThrottlerGuard } from '@nestjs/throttler';
import { ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler';
import { UseRequestToken } from 'nestjs-request-token';

const LIMIT = 60; // requests a minute from one address; a company's mail gateway opens many links

@Injectable()
export class LinkThrottle implements NestMiddleware {
  constructor(@InjectThrottlerStorage() private readonly storage: ThrottlerStorage) {}

  async use(request: IncomingMessage & { ip?: string }, response: ServerResponse, next: () => void) {
    const key = `links-${request.ip}`;
    const hits = await this.storage.increment(key, minutes(1), LIMIT, minutes(1), 'links');
    if (hits.isBlocked) {
      response.setHeader('Retry-After', hits.timeToBlockExpire);
      throw new ThrottlerException();
    }
    next();
  }
}

@Controller('newsletter')
export class NewsletterController {
  @All('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe', confirm: true })
  unsubscribe() {
    return 'Good-bye.';
  }
}

@Controller('articles')
export class ArticlesController {
  @Get()
  list() {
    return ['Spring'];
  }
}

@Module({
  imports: [ThrottlerModule.forRoot([{ ttl: minutes(1), limit: 300 }])],
  controllers: [NewsletterController, ArticlesController],
  providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }], // as it was before
})
export class NewsletterModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(LinkThrottle).forRoutes(NewsletterController); // and for links
  }
}
