export default {
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: {
    '^nestjs-request-token$': '<rootDir>/libs/request-token/src/index.ts',
    '^nestjs-request-token/admin$': '<rootDir>/libs/request-token/src/admin/index.ts',
    '^nestjs-request-token/testing$': '<rootDir>/libs/request-token/src/testing/index.ts',
    '^@nestjs/throttler$': '<rootDir>/test/support/throttler.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Types are checked by `npm run typecheck`; transpiling alone keeps the tests fast.
  transform: { '^.+\\.tsx?$': ['ts-jest', { useESM: true, diagnostics: false }] },
  testEnvironment: 'node',
  testRegex: '\\.(spec|e2e-spec|test)\\.ts$',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // For `--coverage`, which takes 1.4 times as long by `babel`, and 2.9 times by `v8`, which counts comments, too.
  collectCoverageFrom: ['libs/request-token/src/**/*.{ts,tsx}', '!**/*.spec.ts'],
  coverageProvider: 'babel',
  coverageReporters: ['text-summary', 'json-summary'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // They wait for the database and for other processes as long as they compute.
  maxWorkers: '100%',
  testTimeout: 30_000,
};
