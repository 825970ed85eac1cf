import { Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { HtmlExceptionFilter } from './html-exception.filter.js';

/** What holds for every page: how its input is checked, and how its errors look. */
@Module({
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ transform: true, whitelist: true, stopAtFirstError: true }),
    },
    { provide: APP_FILTER, useClass: HtmlExceptionFilter },
  ],
})
export class PagesModule {}
