import root from '../../jest.config.js';

/** `npm run test:soak`: apart from the other tests, because it takes its time. */
export default {
  ...root,
  rootDir: '../..',
  testRegex: '\\.soak-spec\\.ts$',
  maxWorkers: 2,
  testTimeout: 300_000,
};
