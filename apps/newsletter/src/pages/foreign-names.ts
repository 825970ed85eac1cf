import { HttpStatus } from '@nestjs/common';
import type { RequestHandler } from 'express';

/**
 * Refuses requests for a host that is not this app. The owner of evil.example can have that name lead to this computer
 * while a reader is on a page of theirs (DNS rebinding), and the page could then read all there is here as its own.
 */
export const refuseForeignNames =
  (ownHostnames: ReadonlySet<string>): RequestHandler =>
  ({ headers: { host = '' } }, response, next) => {
    const name = host.toLowerCase().replace(/:\d+$/, '');
    if (ownHostnames.has(name)) next();
    else
      response
        .status(HttpStatus.MISDIRECTED)
        .type('text/plain')
        .send('This app does not go by that name: BASE_URL is what it is reached at.\n');
  };
