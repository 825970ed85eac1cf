import { setTimeout } from 'node:timers/promises';
import { All, Controller, Get, InternalServerErrorException, Query, UseInterceptors } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { RunRecorder } from '../../faults/app/run-recorder.js';
import { SCOPE } from './scope.js';

/** What a handler is told to do by the URL. */
interface Told {
  told?: string;
  takeMs?: string;
}

/** Links that are opened. The paths are those of TOKEN_KINDS. */
@Controller()
@UseInterceptors(RunRecorder)
export class LinksController {
  @Get('direct')
  @UseRequestToken({ scope: SCOPE, direct: true })
  direct(@Query() told: Told) {
    return obey(told);
  }

  @All('confirm')
  @UseRequestToken({ scope: SCOPE, confirm: true })
  confirm(@Query() told: Told) {
    return obey(told);
  }

  @Get('unlogged')
  @UseRequestToken({ scope: SCOPE, direct: true, log: false })
  unlogged(@Query() told: Told) {
    return obey(told);
  }
}

async function obey({ told, takeMs }: Told): Promise<{ done: true }> {
  if (Number(takeMs) > 0) await setTimeout(Number(takeMs));
  if (told === 'fail') throw new InternalServerErrorException();
  return { done: true };
}
