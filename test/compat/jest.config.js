import base from '../../jest.config.js';

/** `npm run test:compat`: the packed library in apps of their own. Apart from `npm test`, because it installs from npm. */
export default {
  ...base,
  rootDir: '../..',
  testRegex: '/test/compat/.*\\.compat-spec\\.ts$',
  globalSetup: '<rootDir>/test/compat/global-setup.ts',
  // Jest would leave one core to itself, and it has little to do here.
  maxWorkers: '100%',
  globalTeardown: '<rootDir>/test/compat/global-teardown.ts',
};
