import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { isRequestTokenAuthenticated } from 'nestjs-request-token';
import { linkBase } from '../config/address.js';
import { AppConfig } from '../config/app-config.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets nobody else's page send a form to this app: whatever a request may change, it comes from a page of the app, or
 * from a program, which says nothing about pages. Links in mails are sent from anywhere; there it is the token that
 * tells that the reader has been asked.
 */
@Injectable()
export class ForeignPagesGuard implements CanActivate {
  private readonly origin: string;

  constructor(config: AppConfig) {
    this.origin = new URL(linkBase(config)).origin;
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (SAFE_METHODS.has(request.method) || isRequestTokenAuthenticated(context) || this.isOwn(request))
      return true;
    throw new ForbiddenException('That form was sent by a page of somebody else.');
  }

  private isOwn({ headers }: Request): boolean {
    const site = headers['sec-fetch-site'];
    // "none": the person did it, without any page.
    if (site !== undefined) return site === 'same-origin' || site === 'none';
    const { origin, host } = headers;
    // A proxy that ends TLS leaves the host as it was, and not the scheme.
    return origin === undefined || origin === this.origin || origin.replace(/^https?:\/\//, '') === host;
  }
}
