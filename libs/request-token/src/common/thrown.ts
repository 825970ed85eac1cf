import { inspect, types } from 'node:util';
import type { Logger } from '@nestjs/common';
import { redactRequestTokens } from './redact.js';

const UNKNOWN = 'Something was thrown that cannot be described';

/** Anything can be thrown, also what has no text or fails when it is asked for it; this never fails. */
export function describeThrown(thrown: unknown): string {
  try {
    if (isError(thrown)) return String(thrown.stack ?? thrown);
    return typeof thrown === 'string' ? thrown : redactRequestTokens(inspect(thrown));
  } catch {
    return UNKNOWN;
  }
}

/** As {@link describeThrown}, in one line. */
export function summarizeThrown(thrown: unknown): string {
  try {
    return isError(thrown) ? String(thrown) : describeThrown(thrown);
  } catch {
    return UNKNOWN;
  }
}

/** For where an answer is still to be given: a logger of the app's that fails must not spoil it. */
export function logThrown(logger: Logger, thrown: unknown): void {
  try {
    logger.error(describeThrown(thrown));
  } catch {
    // There is nobody left to tell.
  }
}

const isError = (thrown: unknown): thrown is Error => thrown instanceof Error || types.isNativeError(thrown);
