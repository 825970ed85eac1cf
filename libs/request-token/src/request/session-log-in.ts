import { type ExecutionContext, HttpStatus, Injectable } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import { RequestTokenException } from '../common/exception.js';
import { Answers } from '../http/answers.js';
import type { Attempt } from '../http/attempt.js';
import { requestOf } from '../http/platform.js';
import { Links } from '../routes/links.js';
import type { RequestTokenSessions } from '../users/sessions.js';
import { answered } from './answered.js';
import type { RequestHooks } from './hooks.js';

/** How a reader is logged in, and where the browser goes then. */
export interface LogIn {
  sessions: RequestTokenSessions;
  user: object;
  returnTo: string;
}

/** Logs readers in by tokens of login mode `session`. */
@Injectable()
export class SessionLogIn {
  constructor(
    private readonly answers: Answers,
    private readonly links: Links,
  ) {}

  /**
   * Before a use is taken for it: what cannot be answered must not log anybody in.
   *
   * @throws Error if the app has no way to log users in
   * @throws RequestTokenException `token_target_mismatch` if no browser would come back to this path
   */
  prepare({ facts }: Attempt, claims: RequestTokenClaims, user: object, { sessions }: RequestHooks): LogIn {
    if (!sessions) {
      throw new Error(
        "A token of login mode 'session' needs a way to log users in; give the module sessions",
      );
    }
    try {
      return { sessions, user, returnTo: this.links.withoutToken(facts.url) };
    } catch {
      throw new RequestTokenException('token_target_mismatch', claims);
    }
  }

  /** Instead of the handler, which runs when the browser comes back: logged in, and with no token in its address bar. */
  async run(
    context: ExecutionContext,
    attempt: Attempt,
    { sessions, user, returnTo }: LogIn,
  ): Promise<never> {
    await sessions.logIn(requestOf(context), user);
    attempt.isEffective = true;
    this.answers.redirect(context, HttpStatus.SEE_OTHER, returnTo);
    return answered();
  }
}
