import ms from 'ms';

/**
 * A length of time: a number of seconds, or a text such as `'90s'`, `'10m'`, `'36h'` or `'30d'`
 * (the notation of npm's `ms`, which `jsonwebtoken` and `@nestjs/jwt` take too).
 *
 * @publicApi
 */
export type Duration = number | string;

/** The duration in milliseconds; NaN if it is none. */
export function toMilliseconds(duration: unknown): number {
  if (typeof duration === 'number') return duration * 1000;
  // A text without a unit would mean milliseconds to `ms`, and seconds to whoever wrote it next to a number.
  if (typeof duration !== 'string' || duration.length > 100 || !/[a-z]\s*$/i.test(duration)) return NaN;
  return ms(duration as ms.StringValue) ?? NaN;
}
