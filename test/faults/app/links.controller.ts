import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import {
  Controller,
  Get,
  InternalServerErrorException,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { RunRecorder } from './run-recorder.js';

/** More than the buffers of a connection hold. */
const STREAMED_CHUNKS = 64;
const CHUNK = Buffer.alloc(1024 * 1024);

@Controller()
@UseRequestToken({ scope: 'fault', direct: true })
@UseInterceptors(RunRecorder)
export class LinksController {
  @Get('quick')
  quick() {
    return { done: true };
  }

  @Get('failing')
  failing() {
    throw new InternalServerErrorException();
  }

  @Get('slow')
  async slow() {
    await setTimeout(20);
    return { done: true };
  }

  @Get('endless')
  endless() {
    return new Promise<never>(() => undefined);
  }

  @Get('stream')
  stream() {
    return new StreamableFile(Readable.from(Array<Buffer>(STREAMED_CHUNKS).fill(CHUNK)));
  }
}
