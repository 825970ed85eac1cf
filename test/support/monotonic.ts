import process from 'node:process';

/** Milliseconds of a clock that never goes back, and that all processes of a machine share. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
