import type { Request, Response } from 'express';
import { SESSION_COOKIE } from './session-cookie.js';

/** Signs out: the session is deleted, so a copy of its cookie is worth nothing either. */
export async function endSession(request: Request, response: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.destroy((error: unknown) => {
      if (error) reject(new Error('The session could not be deleted', { cause: error }));
      else resolve();
    });
  });
  response.clearCookie(SESSION_COOKIE);
}
