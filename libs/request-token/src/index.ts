export type { Duration } from './duration.js';
export { RequestToken } from './entities/request-token.entity.js';
export { RequestTokenLog, type RequestTokenOutcome } from './entities/request-token-log.entity.js';
export { requestTokenField, requestTokenQuery } from './pages/form-helpers.js';
export { redactRequestTokens } from './redact.js';
export type { ListUnsubscribeHeaders } from './routes/one-click.js';
export { requestTokenMigrations } from './migrations/index.js';
export { AllowRequestToken, isRequestTokenAuthenticated } from './request-token.authentication.js';
export { CurrentRequestToken, UseRequestToken } from './request-token.decorators.js';
export type {
  ConfirmOptions,
  ConfirmTexts,
  FailureCode,
  OnRefused,
  RefusalHelp,
  RefusalTexts,
  RefusedContext,
  RequestTokenPage,
  RequestTokenPageRenderer,
  RequestTokenPagesOptions,
  RequestTokenTexts,
} from './pages/page.js';
export {
  RequestTokenErrorCode,
  RequestTokenException,
  RequestTokenUnavailableException,
} from './request-token.exception.js';
export { RequestTokenExceptionFilter } from './request-token.filter.js';
export { RequestTokenGuard } from './request-token.guard.js';
export type { OnUsed, UsedContext } from './request-token.hooks.js';
export type { RequestTokenRequest } from './request-token.http.js';
export { RequestTokenInterceptor } from './request-token.interceptor.js';
export type { UseRequestTokenOptions } from './request-token.metadata.js';
export { passportSessions, type RequestTokenSessions } from './sessions.js';
export { RequestTokenModule } from './request-token.module.js';
export type {
  RequestTokenDefaults,
  RequestTokenModuleExtras,
  RequestTokenModuleOptions,
  RequestTokenOptionsFactory,
} from './request-token.options.js';
export { LoginMode, type RequestTokenClaims } from './token/claims.js';
export {
  type IssuedToken,
  IssueManyError,
  type IssueManyItem,
  type IssueManyOptions,
  type IssueOptions,
} from './token/issue.js';
export { RevokeError } from './token/revoke-error.js';
export type {
  RequestTokenAlgorithm,
  RequestTokenKey,
  RequestTokenKeyMaterial,
} from './token/key-material.js';
export { route, type RouteParts, type RouteTarget } from './routes/route.js';
export {
  type Inspection,
  type RedeemOptions,
  type RevokeOptions,
  TokenService,
} from './token/token.service.js';
export { RequestTokenUserLoader } from './users/user-loader.js';
