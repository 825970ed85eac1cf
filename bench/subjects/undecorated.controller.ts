import { Controller, Get } from '@nestjs/common';
import { ANSWER, UNDECORATED_PATH } from './subject.js';

@Controller()
export class UndecoratedController {
  @Get(UNDECORATED_PATH)
  answer() {
    return ANSWER;
  }
}
