import { connect } from 'node:net';
import { Pool } from 'undici';

/** What a client asks for, again and again. */
export interface Question {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  path: string;
  headers?: Record<string, string>;
}

const CONNECTIONS = 32;

/** Asks that often, over a few connections, and returns how often each status was answered. */
export async function flood(port: number, count: number, question: Question): Promise<Map<number, number>> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS });
  const statuses = new Map<number, number>();
  await inParallel(count, async () => {
    const { statusCode, body } = await pool.request({ ...question, reset: false });
    await body.dump();
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
  });
  await pool.close();
  return statuses;
}

/** Asks, and is gone before the answer. */
export async function floodAndLeave(port: number, count: number, { method, path }: Question): Promise<void> {
  await inParallel(
    count,
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => {
            // Without a reset the port would stay taken for a minute, and there are not enough of them.
            setImmediate(() => socket.resetAndDestroy());
          });
        });
        socket.on('error', reject).on('close', resolve);
      }),
  );
}

async function inParallel(count: number, ask: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await ask();
    }),
  );
}
