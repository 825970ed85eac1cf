import { Injectable } from '@nestjs/common';
import { RequestTokenUnavailableException } from '../common/exception.js';

/** Each keeps its request, its response and its socket: about 20 kB. */
const MAX_WAITING = 2_000;

/**
 * How many requests wait for the database, be it for their user or for their use. Links come from outside, in
 * any number, and when the database stands still they would pile up until the process has no memory left.
 */
@Injectable()
export class WaitingRequests {
  private count = 0;

  /** @throws RequestTokenUnavailableException if too many wait already; do not {@link leave} then */
  enter(): void {
    if (this.count >= MAX_WAITING) throw new RequestTokenUnavailableException();
    this.count++;
  }

  leave(): void {
    this.count--;
  }
}
