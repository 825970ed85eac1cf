import root from '../../jest.config.js';

/** `npm run test:history`: apart from the other tests, because it takes its time. */
export default {
  ...root,
  rootDir: '../..',
  testRegex: '\\.history-spec\\.ts$',
  // Each has a PostgreSQL server of its own, which it stops and starts.
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1,
};
