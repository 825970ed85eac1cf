/**
 * Request tokens for NestJS: links in mails that let their reader do one thing as a known user, without logging in.
 *
 * @module nestjs-request-token
 */

// How it is registered
export { RequestTokenModule } from './request-token.module.js';
export type {
  RequestTokenDefaults,
  RequestTokenModuleExtras,
  RequestTokenModuleOptions,
  RequestTokenOptionsFactory,
} from './options/request-token.options.js';
export type { RequestTokenAlgorithm, RequestTokenKey, RequestTokenKeyMaterial } from './jwt/key-material.js';
export type { RequestTokenRoutesOptions } from './routes/api-routes.js';
export type { Duration } from './common/duration.js';

// Routes that take tokens
export { CurrentRequestToken, UseRequestToken } from './request/request-token.decorators.js';
export type { UseRequestTokenOptions } from './routes/route-options.js';
export type {
  ConfirmContext,
  ConfirmOptions,
  ConfirmOptionsOf,
  ConfirmTexts,
} from './routes/confirm-options.js';
export type { RequestTokenRequest } from './http/request.js';
export { AllowRequestToken, isRequestTokenAuthenticated } from './request/authentication.js';
export { RequestTokenGuard } from './request/request-token.guard.js';
export { RequestTokenInterceptor } from './request/request-token.interceptor.js';
export { RequestTokenExceptionFilter } from './request/request-token.filter.js';
export { requestTokenOpenApi } from './routes/openapi-document.js';

// Tokens and their links
export { TokenService } from './token/token.service.js';
export {
  type IssuedToken,
  IssueManyError,
  type IssueManyItem,
  type IssueManyOptions,
  type IssueOptions,
} from './token/issue.js';
export type { RedeemOptions } from './token/redeem.js';
export type { Inspection } from './token/inspection.js';
export { RevokeError, type RevokeOptions } from './token/revoke.js';
export type { ListUnsubscribeHeaders } from './token/one-click.js';
export { type MethodOf, route, type RouteParts, type RouteTarget } from './routes/route.js';
export { LoginMode, type RequestTokenClaims } from './common/claims.js';

// Refusals
export {
  RequestTokenErrorCode,
  RequestTokenException,
  RequestTokenUnavailableException,
} from './common/exception.js';

// What readers see
export type {
  FailureCode,
  OnRefused,
  RefusalHelp,
  RefusalTexts,
  RefusedContext,
  RequestTokenBrand,
  RequestTokenConfirmation,
  RequestTokenPage,
  RequestTokenPageRenderer,
  RequestTokenPagesOptions,
  RequestTokenTexts,
} from './pages/page.js';
export { requestTokenField, requestTokenQuery } from './pages/form-helpers.js';

// Users, and what happens behind answers
export { RequestTokenUserLoader } from './users/user-loader.js';
export { passportSessions, type RequestTokenSessions } from './users/sessions.js';
export type { OnUsed, UsedContext } from './request/hooks.js';

// The database, and logs
export { RequestToken } from './entities/request-token.entity.js';
export { RequestTokenLog, type RequestTokenOutcome } from './entities/request-token-log.entity.js';
export { RequestTokenRevocation } from './entities/request-token-revocation.entity.js';
export { RequestTokenStatistic } from './entities/request-token-statistic.entity.js';
export { ENTITIES as requestTokenEntities } from './entities/known-entities.js';
export {
  createRequestTokenMigrations,
  requestTokenMigrations,
  type RequestTokenMigrationsOptions,
} from './migrations/index.js';

// Operating
export type { MaintainOptions, MaintainResult } from './operations/maintain-options.js';
export type { Statistic, StatisticsOptions } from './operations/statistics-options.js';
export type { ListedToken, ListOptions } from './operations/list-options.js';
export type { AttemptsOptions, ListedAttempt } from './operations/attempts-options.js';
export type { Page, PageOptions } from './operations/page.js';
export type { RequestTokenState } from './entities/token-state.js';
export { redactRequestTokens } from './common/redact.js';
