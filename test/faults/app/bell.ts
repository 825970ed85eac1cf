import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';

/** Tells handlers that wait for it to go on. */
@Injectable()
export class Bell extends EventEmitter {}
