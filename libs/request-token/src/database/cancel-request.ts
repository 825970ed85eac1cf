import { connect } from 'node:net';

/** What node-postgres knows of its connection; not all that takes its place does. */
export interface Cancellable {
  readonly host?: string;
  readonly port?: number;
  readonly processID?: number | null;
  readonly secretKey?: number | null;
}

const CANCEL_REQUEST_CODE = 80_877_102;
const TIMEOUT_MS = 5_000;

/**
 * Asks the server to give up what the connection is about (PostgreSQL's protocol, "Canceling Requests in
 * Progress"). A server does not notice that its client has gone while a statement waits for a lock, and would have
 * a process more for each that did not want to wait. It may come to nothing, and nobody is told.
 */
export function requestCancel({ host, port, processID, secretKey }: Cancellable): void {
  if (!host || !port || !processID || !secretKey) return;
  const message = Buffer.alloc(16);
  [message.length, CANCEL_REQUEST_CODE, processID, secretKey].forEach((value, index) =>
    message.writeInt32BE(value, index * 4),
  );
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket
    .setTimeout(TIMEOUT_MS, () => socket.destroy())
    .on('error', () => undefined)
    .on('connect', () => socket.end(message))
    .unref();
}
