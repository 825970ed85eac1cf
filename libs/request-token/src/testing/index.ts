/**
 * What helps the tests of an app: links, clicks, mail scanners, time, and the log.
 *
 * @module nestjs-request-token/testing
 */
export type { LinkToFollow } from './destination.js';
export type { Answer } from './http-client.js';
export {
  type LinkOptions,
  type Logged,
  type RequestTokenTesting,
  requestTokenTesting,
  type ScanStatuses,
  type TestLink,
} from './request-token-testing.js';
export type { TestClock } from './test-clock.js';
