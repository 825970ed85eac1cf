import { Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ForeignPagesGuard } from './foreign-pages.guard.js';
import { HtmlExceptionFilter } from './html-exception.filter.js';

/** What holds for every page: who may send its forms, how their input is checked, and how errors look. */
@Module({
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ transform: true, whitelist: true, stopAtFirstError: true }),
    },
    { provide: APP_GUARD, useClass: ForeignPagesGuard },
    { provide: APP_FILTER, useClass: HtmlExceptionFilter },
  ],
})
export class PagesModule {}
