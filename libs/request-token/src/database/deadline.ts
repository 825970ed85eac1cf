/** A moment of `performance.now()`, which no change of the clock moves. */
export type Deadline = number;

export const deadlineIn = (milliseconds: number): Deadline => performance.now() + milliseconds;

export const millisecondsUntil = (deadline: Deadline): number => deadline - performance.now();

/** There was no answer in time. Whether there will be one is unknown. */
export class TooLate extends Error {
  constructor(who = 'The database') {
    super(`${who} has not answered in time`);
  }
}

/**
 * As the promise, or TooLate at the deadline. What is promised goes on all the same, and nobody hears of
 * its failure any more.
 *
 * @param who is waited for, if not the database
 */
export function within<Result>(promise: Promise<Result>, deadline: Deadline, who?: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new TooLate(who)), Math.max(0, millisecondsUntil(deadline)));
    promise.then(
      (result) => {
        clearTimeout(late);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(late);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it came
        reject(error);
      },
    );
  });
}
