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
  logIn?(user: object, done: (error: unknown) => void): void;
}

/**
 * Logs in by `request.logIn`, as passport 0.6 and later do: they renew the session id themselves. The
 * middleware of the session and of passport must run before.
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
      request.logIn(user, (error) => {
        if (error) reject(new Error('passport could not log the user in', { cause: error }));
        else resolve();
      });
    }),
};
