import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { INestApplication } from '@nestjs/common';

/**
 * How the app has answered, whatever the status.
 *
 * @publicApi
 */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Question {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

/** Talks to the app's HTTP server over a connection within the process, whether it listens or not. */
export async function send(app: INestApplication, { body, ...question }: Question): Promise<Answer> {
  // Fastify has its routes by then; Express always does.
  const platform = app.getHttpAdapter().getInstance() as { ready?(): Promise<unknown> };
  await platform.ready?.();
  const [client, server] = duplexPair();
  const remote = { remoteAddress: '127.0.0.1', remoteFamily: 'IPv4' };
  (app.getHttpServer() as Server).emit('connection', Object.assign(server, remote));
  return new Promise((resolve, reject) => {
    request({ ...question, host: 'localhost', createConnection: () => client }, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((answer) => resolve({ status, headers, text: answer }), reject);
    })
      .once('error', reject)
      .end(body);
  });
}
