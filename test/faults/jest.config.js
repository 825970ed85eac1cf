import root from '../../jest.config.js';

/** `npm run test:faults`: apart from the other tests, because it takes its time. */
export default {
  ...root,
  rootDir: '../..',
  testRegex: '\\.fault-spec\\.ts$',
  // They wait more than they work.
  maxWorkers: '100%',
  testTimeout: 60_000,
};
