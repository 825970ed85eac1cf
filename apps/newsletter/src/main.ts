import 'reflect-metadata';
import { StartupError } from './config/startup-error.js';
import { readConfig } from './config/app-config.js';
import { startNewsletter } from './newsletter.js';

/** Told to stop while it is still starting, the app starts to its end and then stops. */
const toldToStop = new Promise<void>((resolve) => {
  process.once('SIGINT', resolve);
  process.once('SIGTERM', resolve);
});

try {
  const newsletter = await startNewsletter(readConfig(process.env));
  process.stdout.write(`Newsletter is ready at ${newsletter.address}\n`);
  await toldToStop;
  await newsletter.stop();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

/** A mistake of the person who starts the app needs a sentence; a mistake of the app needs a stack trace. */
function explain(error: unknown): string {
  if (error instanceof StartupError) return `Newsletter cannot start: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
