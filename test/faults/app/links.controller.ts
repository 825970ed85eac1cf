import { once } from 'node:events';
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
import { Bell } from './bell.js';
import { RunRecorder } from './run-recorder.js';

/** More than the buffers of a connection hold. */
const STREAMED_CHUNKS = 64;
const CHUNK = Buffer.alloc(1024 * 1024);

@Controller()
@UseRequestToken({ scope: 'fault', direct: true })
@UseInterceptors(RunRecorder)
export class LinksController {
  constructor(private readonly bell: Bell) {}

  @Get('quick')
  quick() {
    return { done: true };
  }

  @Get('failing')
  failing() {
    throw new InternalServerErrorException();
  }

  /** Fails when somebody visits `tell`. */
  @Get('failing-when-told')
  async failingWhenTold() {
    await once(this.bell, 'ring');
    throw new InternalServerErrorException();
  }

  @Get('slow')
  async slow() {
    await setTimeout(20);
    return { done: true };
  }

  /** Keeps the process busy, too. */
  @Get('endless')
  async endless() {
    for (;;) await setTimeout(1_000);
  }

  @Get('stream')
  stream() {
    return new StreamableFile(Readable.from(Array<Buffer>(STREAMED_CHUNKS).fill(CHUNK)));
  }
}
