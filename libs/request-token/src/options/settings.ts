import {
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
  validateSync,
  type ValidationError,
} from 'class-validator';
import type { ClockSettings } from '../common/clock.js';
import { type Duration, toMilliseconds } from '../common/duration.js';
import { isObject, undefinedAmong } from '../common/given.js';
import { assertLanguage } from '../common/language.js';
import { parseKeys, type RequestTokenKey } from '../jwt/key-material.js';
import type { JwtSettings } from '../jwt/token.codec.js';
import { assertBrand } from '../pages/given-brand.js';
import { assertPageTexts } from '../pages/given-texts.js';
import { canonicalTag, Languages } from '../pages/languages.js';
import { createLook } from '../pages/look.js';
import type {
  OnRefused,
  PagesHooks,
  RequestTokenBrand,
  RequestTokenPageRenderer,
  RequestTokenPagesOptions,
  RequestTokenTexts,
} from '../pages/page.js';
import type { PagesSettings } from '../pages/pages.service.js';
import { completeTexts } from '../pages/texts.js';
import type { OnUsed, RequestHooks } from '../request/hooks.js';
import type { RequestSettings } from '../request/settings.js';
import { assertRoutes, type RequestTokenRoutesOptions, type RouteSettings } from '../routes/api-routes.js';
import type { LinkSettings } from '../routes/links.js';
import type { IssueSettings } from '../token/token-draft.js';
import type { RequestTokenSessions } from '../users/sessions.js';
import {
  checkBaseUrl,
  checkFrontends,
  checkSessions,
  IsDuration,
  IsFunction,
  PassesCheck,
} from './checks.js';
import type { RequestTokenModuleOptions } from './request-token.options.js';

/** The options as the library uses them: checked, complete, durations in one unit. Each folder declares what it reads. */
export interface Settings
  extends
    ClockSettings,
    JwtSettings,
    LinkSettings,
    RouteSettings,
    PagesSettings,
    PagesHooks,
    IssueSettings,
    RequestSettings,
    RequestHooks {
  keys: string | RequestTokenKey[];
  /** Milliseconds. */
  statementTimeout: number;
}

class CheckedDefaults {
  @IsOptional()
  @IsDuration('defaults.expiresIn', 'positive')
  expiresIn?: Duration;

  @IsOptional()
  @IsDuration('defaults.sessionExpiresIn', 'positive')
  sessionExpiresIn?: Duration;

  @IsOptional()
  @IsInt({ message: 'defaults.maxUses must be a whole number, or null for unlimited' })
  @Max(2 ** 31 - 1, { message: 'defaults.maxUses must be less than 2^31, or null for unlimited' })
  @Min(1, { message: 'defaults.maxUses must be at least 1, or null for unlimited' })
  maxUses?: number | null;

  @IsOptional()
  @IsBoolean({ message: 'defaults.deferred must be true or false' })
  deferred?: boolean;
}

class CheckedPages implements RequestTokenPagesOptions {
  @IsOptional()
  @PassesCheck('brand', (value) => assertBrand(value, 'pages.brand'))
  brand?: RequestTokenBrand;

  @IsOptional()
  @PassesCheck('texts', (value) => assertPageTexts(value, 'pages.texts'))
  texts?: Record<string, RequestTokenTexts>;

  @IsOptional()
  @PassesCheck('language', (value) => assertLanguage(value, 'pages.fallbackLanguage'))
  fallbackLanguage?: string;

  @IsOptional()
  @IsFunction('pages.render')
  render?: RequestTokenPageRenderer;
}

class CheckedOptions implements RequestTokenModuleOptions {
  @PassesCheck('keys', (value) => void parseKeys(value))
  keys!: string | RequestTokenKey[];

  @PassesCheck('baseUrl', checkBaseUrl)
  baseUrl!: string;

  @IsOptional()
  @PassesCheck('frontends', checkFrontends)
  frontends?: string[];

  @IsOptional()
  @IsString({ message: 'issuer must be a string' })
  @Length(1, undefined, { message: 'issuer must not be empty; leave it out for none' })
  issuer?: string;

  @IsOptional()
  @PassesCheck('routes', assertRoutes)
  routes?: RequestTokenRoutesOptions;

  @IsOptional()
  @Matches(/^[\w-]+$/, { message: "parameter must be letters, digits, '-' and '_', such as rt" })
  parameter?: string;

  @IsOptional()
  @ValidateNested({ message: 'defaults must be an object' })
  defaults?: CheckedDefaults;

  @IsOptional()
  @IsDuration('clockTolerance', 'zero')
  clockTolerance?: Duration;

  @IsOptional()
  @IsDuration('statementTimeout', 'positive')
  statementTimeout?: Duration;

  @IsOptional()
  @IsBoolean({ message: 'logs must be true or false' })
  logs?: boolean;

  @IsOptional()
  @IsBoolean({ message: 'hoistGuard must be true or false' })
  hoistGuard?: boolean;

  @IsOptional()
  @ValidateNested({ message: 'pages must be an object' })
  pages?: CheckedPages;

  @IsOptional()
  @IsFunction('onRefused')
  onRefused?: OnRefused;

  @IsOptional()
  @IsFunction('onUsed')
  onUsed?: OnUsed;

  @IsOptional()
  @PassesCheck('sessions', checkSessions)
  sessions?: RequestTokenSessions;
}

/** What bounds all tokens: undefined it is an environment variable that is not set, more often than a wish. */
const BOUNDS: [string, string][] = [
  ['frontends', 'leave it out if links lead to baseUrl only'],
  ['issuer', 'leave it out if tokens need none'],
  ['defaults', 'leave it out for tokens of one use that are valid for ever'],
];

const BOUNDS_OF_DEFAULTS: [string, string][] = [
  ['expiresIn', 'leave it out for tokens that are valid for ever'],
  ['sessionExpiresIn', "leave it out for '10m'"],
  ['maxUses', 'leave it out for one use'],
];

const BOUNDS_OF_PAGES: [string, string][] = [
  ['brand', 'leave it out for pages that say nothing of the sender'],
];

/** Timers that were set to longer would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const isNil = (value: unknown): value is undefined | null => value === undefined || value === null;

const messagesOf = (errors: ValidationError[], path = ''): string[] =>
  errors.flatMap((error) => [
    ...Object.entries(error.constraints ?? {}).map(([name, message]) =>
      name === 'whitelistValidation'
        ? `${path}${error.property} is not an option; check its spelling`
        : message,
    ),
    ...messagesOf(error.children ?? [], `${path}${error.property}.`),
  ]);

/** class-validator only looks into instances; what is no object is left to its complaint. */
const nested = <Checked extends object>(checked: Checked, value: unknown): Checked | undefined =>
  isObject(value) ? Object.assign(checked, value) : (value as undefined);

/**
 * Checks the options and merges the defaults in.
 *
 * @throws Error that names every option that has to be mended, and how
 */
export function createSettings(options: RequestTokenModuleOptions): Settings {
  const given: Partial<RequestTokenModuleOptions> = isObject(options) ? options : {};
  const { defaults, pages, ...rest } = given;
  const checked = Object.assign(new CheckedOptions(), rest, {
    defaults: nested(new CheckedDefaults(), defaults),
    pages: nested(new CheckedPages(), pages),
  });
  const problems = [
    ...undefinedAmong(given, BOUNDS),
    ...undefinedAmong(isObject(defaults) ? defaults : {}, BOUNDS_OF_DEFAULTS).map(
      (problem) => `defaults.${problem}`,
    ),
    ...undefinedAmong(isObject(pages) ? pages : {}, BOUNDS_OF_PAGES).map((problem) => `pages.${problem}`),
    ...messagesOf(validateSync(checked, { whitelist: true, forbidNonWhitelisted: true })),
  ];
  if (problems.length > 0) {
    throw new Error(`RequestTokenModule cannot start:\n${problems.map((text) => `  - ${text}`).join('\n')}`);
  }
  const fallbackLanguage = canonicalTag(checked.pages?.fallbackLanguage ?? 'en');
  const texts = completeTexts(checked.pages?.texts ?? {}, fallbackLanguage);
  return {
    keys: checked.keys,
    baseUrl: new URL(checked.baseUrl),
    frontends: (checked.frontends ?? []).map((each) => new URL(each).origin),
    issuer: checked.issuer ?? undefined,
    routes: checked.routes ?? undefined,
    parameter: checked.parameter ?? 'rt',
    expiresIn: isNil(checked.defaults?.expiresIn) ? undefined : toMilliseconds(checked.defaults?.expiresIn),
    sessionExpiresIn: toMilliseconds(checked.defaults?.sessionExpiresIn ?? '10m'),
    maxUses: checked.defaults?.maxUses === undefined ? 1 : checked.defaults.maxUses,
    deferred: checked.defaults?.deferred ?? false,
    clockTolerance: toMilliseconds(checked.clockTolerance ?? 0),
    statementTimeout: Math.min(toMilliseconds(checked.statementTimeout ?? '5s'), LONGEST_TIMER_MS),
    logs: checked.logs ?? true,
    hoistGuard: checked.hoistGuard ?? true,
    texts,
    languages: new Languages(Object.keys(texts)),
    fallbackLanguage,
    look: createLook(checked.pages?.brand ?? undefined, new URL(checked.baseUrl)),
    render: checked.pages?.render,
    onRefused: checked.onRefused,
    onUsed: checked.onUsed,
    sessions: checked.sessions ?? undefined,
  };
}
