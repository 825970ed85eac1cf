export default {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^nestjs-request-token$': '<rootDir>/libs/request-token/src/index.ts',
    '^nestjs-request-token/testing$': '<rootDir>/libs/request-token/src/testing/index.ts',
    '^@nestjs/throttler$': '<rootDir>/test/support/throttler.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Types are checked by `npm run typecheck`; transpiling alone keeps the tests fast.
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  testEnvironment: 'node',
  testRegex: '\\.(spec|e2e-spec|test)\\.ts$',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // For `--coverage`. V8 counts by itself, and the code that is tested stays the code that is published.
  collectCoverageFrom: ['libs/request-token/src/**/*.ts', '!**/*.spec.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'json-summary'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testTimeout: 30_000,
};
