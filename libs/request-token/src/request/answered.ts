/**
 * Nest goes on as soon as a guard or an interceptor has resolved, and the answer has been sent. One for each
 * request: a promise that many wait for keeps what all of them hold, for as long as it is pending itself.
 */
export const answered = (): Promise<never> => new Promise(() => undefined);
