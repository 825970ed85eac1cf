import { Inject, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import type { RequestHandler } from 'express';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { SubscribersService } from '../subscribers/subscribers.service.js';
import { sessionHandlers } from './session-handlers.js';

const SESSION_HANDLERS = Symbol('SESSION_HANDLERS');

/**
 * Makes `request.user` of the one who is signed in, on every page: links of somebody else are then refused, and
 * the menu can tell. A request without the cookie asks no database and gets no cookie, so mail scanners and
 * one-click unsubscriptions notice nothing.
 */
@Module({
  imports: [SubscribersModule],
  providers: [
    {
      provide: SESSION_HANDLERS,
      inject: [AppConfig, DataSource, SubscribersService],
      useFactory: sessionHandlers,
    },
  ],
})
export class SessionsModule implements NestModule {
  constructor(@Inject(SESSION_HANDLERS) private readonly handlers: RequestHandler[]) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(...this.handlers).forRoutes('{*path}');
  }
}
