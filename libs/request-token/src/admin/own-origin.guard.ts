import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { type PlatformRequest, requestOf } from '../http/platform.js';

/** What the pages themselves send, and what people type. */
const OWN_SITES = ['same-origin', 'none'];

/** Lets nobody's page post to the admin but its own. */
@Injectable()
export class OwnOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = requestOf<PlatformRequest>(context);
    if (isOwn(headers)) return true;
    throw new ForbiddenException('Posted from a page of another site.');
  }
}

/** By what the browser says (W3C Fetch Metadata); else by the origin. A program that is no browser sends neither. */
function isOwn({ 'sec-fetch-site': site, origin, host }: PlatformRequest['headers']): boolean {
  if (site !== undefined) return typeof site === 'string' && OWN_SITES.includes(site);
  if (origin === undefined) return true;
  const own = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return own !== undefined && own.toLowerCase() === host?.toLowerCase();
}
