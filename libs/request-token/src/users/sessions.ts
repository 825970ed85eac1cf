/**
 * How login mode `session` logs a user in. Give one to the module as `sessions`: {@link passportSessions},
 * or your own.
 *
 * @publicApi
 */
export interface RequestTokenSessions {
  /**
   * Logs the user in for the session of this request. It must give the session a new id first: whoever
   * knows the old one would be logged in, too (session fixation). If it fails, the use is given back.
   */
  logIn(request: object, user: object): Promise<void>;
}

interface PassportRequest {
  session?: { regenerate?: unknown };
  /** Calls back in passport itself; of `@fastify/passport` it promises instead. */
  logIn?(user: object, done: (error: unknown) => void): void | Promise<void>;
}

/**
 * Logs in by `request.logIn`, as passport 0.6 and later have it, and `@fastify/passport`: they renew the session id
 * themselves. The middleware, or plugins, of the session and of passport must run before. With sessions that cannot renew their id, as those of
 * cookie-session, it throws.
 *
 * @publicApi
 */
export const passportSessions: RequestTokenSessions = {
  logIn: (request: PassportRequest, user) =>
    new Promise((resolve, reject) => {
      if (!request.logIn) {
        throw new Error(
          "request.logIn is missing: use passport.session(), or give the module 'sessions' of your own",
        );
      }
      if (request.session && typeof request.session.regenerate !== 'function') {
        throw new Error(
          'passport cannot log in to a session that cannot renew its id: request.session.regenerate is missing. ' +
            "Sessions that are kept in a cookie, as by cookie-session, have no id: use express-session, or give the module 'sessions' of your own, " +
            'which begins with an empty session',
        );
      }
      const fail = (error: unknown) =>
        reject(new Error('passport could not log the user in', { cause: error }));
      const promised = request.logIn(user, (error) => {
        if (error) fail(error);
        else resolve();
      });
      promised?.then(resolve, fail);
    }),
};
