import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { TokenService } from 'nestjs-request-token';

/** What the platform calls for each request. It may stop the process as soon as the promise has resolved. */
export const serverless =
  (app: INestApplication) => async (request: IncomingMessage, response: ServerResponse) => {
    const answered = once(response, 'close');
    (app.getHttpServer() as Server).emit('request', request, response);
    await answered;
    await app.get(TokenService).settled();
  };
