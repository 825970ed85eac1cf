import root from '../../jest.config.js';

/** `npm run test:browser`: apart from the other tests, because it needs Chromium. */
export default {
  ...root,
  rootDir: '../..',
  testRegex: '\\.browser-spec\\.ts$',
  testTimeout: 60_000,
};
