import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AppConfig } from './app-config.js';
import { StartupError } from './startup-error.js';

const REACHED_AS_LOCALHOST = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', '::']);

/** The address at which a browser on this computer reaches the app. */
export function localAddress({ HOST, PORT }: AppConfig): string {
  if (REACHED_AS_LOCALHOST.has(HOST)) return `http://localhost:${PORT}`;
  return HOST.includes(':') ? `http://[${HOST}]:${PORT}` : `http://${HOST}:${PORT}`;
}

/** What links in mails begin with. */
export function linkBase(config: AppConfig): string {
  return config.BASE_URL ?? localAddress(config);
}

/** The host names by which the app may be asked for, as a Host header writes them. */
export function ownHostnames(config: AppConfig): ReadonlySet<string> {
  const named = [linkBase(config), localAddress(config)].map((url) => new URL(url).hostname);
  return new Set(['localhost', '127.0.0.1', '[::1]', ...named]);
}

/**
 * The port to listen on, found before the app is made: links need the true one when PORT is 0, and a port
 * in use should be told before a database is opened.
 */
export async function findPort(config: AppConfig): Promise<number> {
  const server = createServer();
  try {
    server.listen(config.PORT, config.HOST);
    await once(server, 'listening');
  } catch (error) {
    throw explainListenError(error, config);
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : config.PORT;
}

/** A clear message for what commonly stops a server from listening; anything else is returned as it is. */
export function explainListenError(error: unknown, { HOST, PORT }: AppConfig): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartupError(`Port ${PORT} of ${HOST} is already in use: set PORT to another one.`);
    case 'EACCES':
      return new StartupError(`Port ${PORT} of ${HOST} may not be used by this user: set PORT above 1023.`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
      return new StartupError(`HOST ${HOST} is no address of this computer.`);
    default:
      return error;
  }
}
