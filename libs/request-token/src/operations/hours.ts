export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The hour, or the day, in UTC, that a moment is in, as the moment when it begins. */
export const hourOf = (moment: Date): Date => new Date(Math.floor(moment.getTime() / HOUR_MS) * HOUR_MS);
export const dayOf = (moment: Date): Date => new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS);

export const after = (moment: Date, milliseconds: number): Date => new Date(moment.getTime() + milliseconds);

/** The moments from the first on, before the last, with so many milliseconds between. */
export const moments = (from: Date, to: Date, step: number): Date[] =>
  Array.from({ length: Math.max(0, Math.ceil((to.getTime() - from.getTime()) / step)) }, (_, index) =>
    after(from, index * step),
  );
