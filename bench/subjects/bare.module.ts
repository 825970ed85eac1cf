import { Controller, Get, Module } from '@nestjs/common';
import { DatabaseModule } from './database.module.js';
import { ANSWER, REDEEM_PATH } from './subject.js';
import { UndecoratedController } from './undecorated.controller.js';

@Controller()
class BareController {
  @Get(REDEEM_PATH)
  redeem() {
    return ANSWER;
  }
}

/** What Nest and Express take by themselves: the token is in the query, and nobody looks at it. */
@Module({ imports: [DatabaseModule], controllers: [BareController, UndecoratedController] })
export class BareModule {}
