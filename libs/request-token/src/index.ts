/**
 * Request tokens for NestJS: links in mails that let their reader do one thing as a known user, without logging in.
 *
 * @module nestjs-request-token
 */
export type { Duration } from './common/duration.js';
export { RequestToken } from './entities/request-token.entity.js';
export { RequestTokenLog, type RequestTokenOutcome } from './entities/request-token-log.entity.js';
export { RequestTokenRevocation } from './entities/request-token-revocation.entity.js';
export { requestTokenField, requestTokenQuery } from './pages/form-helpers.js';
export { redactRequestTokens } from './common/redact.js';
export type { ListUnsubscribeHeaders } from './token/one-click.js';
export { requestTokenMigrations } from './migrations/index.js';
export { AllowRequestToken, isRequestTokenAuthenticated } from './request/authentication.js';
export { CurrentRequestToken, UseRequestToken } from './request/request-token.decorators.js';
export type {
  ConfirmContext,
  ConfirmOptions,
  ConfirmOptionsOf,
  ConfirmTexts,
} from './routes/confirm-options.js';
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
export {
  RequestTokenErrorCode,
  RequestTokenException,
  RequestTokenUnavailableException,
} from './common/exception.js';
export { RequestTokenExceptionFilter } from './request/request-token.filter.js';
export { RequestTokenGuard } from './request/request-token.guard.js';
export type { OnUsed, UsedContext } from './request/hooks.js';
export type { RequestTokenRequest } from './http/request.js';
export { RequestTokenInterceptor } from './request/request-token.interceptor.js';
export type { UseRequestTokenOptions } from './routes/route-options.js';
export { passportSessions, type RequestTokenSessions } from './users/sessions.js';
export { RequestTokenModule } from './request-token.module.js';
export type {
  RequestTokenDefaults,
  RequestTokenModuleExtras,
  RequestTokenModuleOptions,
  RequestTokenOptionsFactory,
} from './options/request-token.options.js';
export { LoginMode, type RequestTokenClaims } from './common/claims.js';
export {
  type IssuedToken,
  IssueManyError,
  type IssueManyItem,
  type IssueManyOptions,
  type IssueOptions,
} from './token/issue.js';
export { RevokeError } from './token/revoke-error.js';
export type { RequestTokenAlgorithm, RequestTokenKey, RequestTokenKeyMaterial } from './jwt/key-material.js';
export type { RequestTokenRoutesOptions } from './routes/api-routes.js';
export { requestTokenOpenApi } from './routes/openapi-document.js';
export { route, type RouteParts, type RouteTarget } from './routes/route.js';
export {
  type Inspection,
  type RedeemOptions,
  type RevokeOptions,
  TokenService,
} from './token/token.service.js';
export { RequestTokenUserLoader } from './users/user-loader.js';
