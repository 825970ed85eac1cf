import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import type { RequestToken } from './entities/request-token.entity.js';
import type { OnRefused, RequestTokenPageRenderer } from './pages/page.js';
import type { RequestFacts } from './request-token.http.js';
import { MODULE_OPTIONS_TOKEN } from './request-token.module-definition.js';
import type { RequestTokenModuleOptions } from './request-token.options.js';
import { createSettings } from './request-token.settings.js';
import { PerRequest } from './request-scope.js';
import type { RequestTokenSessions } from './sessions.js';
import type { RequestTokenClaims } from './token/claims.js';

/**
 * A use that is kept, as `onUsed` gets it.
 *
 * @publicApi
 */
export interface UsedContext {
  /** The row, as it was after the use was taken. */
  token: RequestToken;
  claims: RequestTokenClaims;
  /** `request.user`, as it was when the use was taken. */
  user: unknown;
  /** Final status of the answer; null if the client left before it. */
  statusCode: number | null;
  /** Milliseconds from the request to its answer. */
  durationMs: number;
  /** What the log says of the request. Its URL is not here, because it has the JWT in it. */
  request: Pick<RequestFacts, 'method' | 'path' | 'clientIp' | 'userAgent'> & { startedAt: Date };
}

/**
 * Called for every use that is kept, once the answer has gone out. Nobody waits for it but `settled()` and a
 * shutdown, and no longer than a minute; what it throws is logged. It is not called while 10,000 calls of it have
 * not returned, which is logged, too.
 *
 * @publicApi
 */
export type OnUsed = (context: UsedContext) => void | Promise<void>;

/** What of the options runs code of the app. */
@Injectable()
export class RequestTokenHooks {
  readonly onRefused?: OnRefused;
  readonly onUsed?: OnUsed;
  readonly sessions?: RequestTokenSessions;
  readonly render?: RequestTokenPageRenderer;

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: RequestTokenModuleOptions) {
    ({
      onRefused: this.onRefused,
      onUsed: this.onUsed,
      sessions: this.sessions,
      render: this.render,
    } = createSettings(options));
  }
}

/** {@link RequestTokenHooks}, whatever the factory of the options injects: one for all, or one for each request. */
@Injectable()
export class HooksOf extends PerRequest<RequestTokenHooks> implements OnModuleInit {
  constructor(moduleRef: ModuleRef, discovery: DiscoveryService) {
    super(RequestTokenHooks, moduleRef, discovery);
  }
}
