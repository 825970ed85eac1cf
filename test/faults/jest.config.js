import process from 'node:process';
import root from '../../jest.config.js';

/**
 * `npm run test:faults`: apart from the other tests, because it takes its time. `npm run test:faults:pooler` runs it
 * with the machine's PgBouncer between apps and database, and with it what is about poolers alone.
 */
export default {
  ...root,
  rootDir: '../..',
  testRegex: process.env.FAULTS_POOLER ? '\\.(fault|pooler)-spec\\.ts$' : '\\.fault-spec\\.ts$',
  // They wait more than they work.
  maxWorkers: '100%',
  testTimeout: 60_000,
};
