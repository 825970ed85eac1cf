import { type ArgumentsHost, HttpStatus, Inject, Injectable, Logger } from '@nestjs/common';
import type { RequestTokenClaims } from '../common/claims.js';
import { LOG_CONTEXT, REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { HooksOf } from '../common/hooks.js';
import { logThrown } from '../common/thrown.js';
import { TooLate, within } from '../database/deadline.js';
import { StatementBounds } from '../database/statement-bounds.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import { Answers } from '../http/answers.js';
import type { Attempt } from '../http/attempt.js';
import { acceptedLanguages } from '../http/negotiation.js';
import { requestOf } from '../http/platform.js';
import { assertConfirmOptions, type ConfirmOptions, type ConfirmTexts } from '../routes/confirm-options.js';
import type { RouteOptions } from '../routes/metadata.js';
import { requestTokenField } from './form-helpers.js';
import { renderPage } from './html.js';
import { directionOf, Languages } from './languages.js';
import { type Look, UNFRAMED } from './look.js';
import type {
  CompleteTexts,
  FailureCode,
  PagesHooks,
  RefusalHelp,
  RequestTokenConfirmation,
  RequestTokenPage,
  RequestTokenPageRenderer,
} from './page.js';
import { layTexts } from './texts.js';

export interface PagesSettings {
  /** By language, each of them complete. */
  readonly texts: Record<string, CompleteTexts>;
  /** Those of the texts. */
  readonly languages: Languages;
  /** Of readers who accept none of these. */
  readonly fallbackLanguage: string;
  readonly look: Look;
}

/** The pages that readers of links see: one to confirm, and one for every way a link can fail. */
@Injectable()
export class PagesService {
  private readonly logger = new Logger(LOG_CONTEXT);
  /** Of the routes that have translations of their own. */
  private readonly translated = new WeakMap<ConfirmOptions, Languages>();

  constructor(
    private readonly answers: Answers,
    private readonly hooks: HooksOf<PagesHooks>,
    private readonly bounds: StatementBounds,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: PagesSettings,
  ) {}

  async sendConfirm(
    host: ArgumentsHost,
    attempt: Attempt,
    claims: RequestTokenClaims,
    token: RequestToken,
  ): Promise<void> {
    // A form with `no-referrer` would send `Origin: null`, which checks against CSRF refuse.
    this.answers.setHeader(host, 'Referrer-Policy', 'same-origin');
    const texts = this.confirmTexts(host, attempt, token);
    await this.send(host, {
      kind: 'confirm',
      status: 200,
      ...texts,
      dir: directionOf(texts.lang),
      field: requestTokenField(requestOf(host)),
      claims,
    });
  }

  /** The same as JSON. It says of the token what its reader may want to know, and nothing of its user. */
  replyConfirmation(host: ArgumentsHost, attempt: Attempt, token: RequestToken): void {
    const { lang, title, message, button } = this.confirmTexts(host, attempt, token);
    const { scope, expiresAt, maxUses, useCount } = token;
    const confirmation: RequestTokenConfirmation = {
      kind: 'confirm',
      lang,
      title,
      message,
      button,
      scope,
      expiresAt: expiresAt && expiresAt.toISOString(),
      usesLeft: maxUses === null ? null : maxUses - useCount,
    };
    this.answers.setHeader(host, 'Content-Type', 'application/json; charset=utf-8');
    this.negotiated(host, lang);
    this.answers.reply(host, confirmation, HttpStatus.OK);
  }

  async sendRefusal(
    host: ArgumentsHost,
    status: 403 | 503,
    code: FailureCode,
    help: RefusalHelp = {},
  ): Promise<void> {
    const lang = this.refusalLanguage(host);
    const { title, message } = this.settings.texts[lang].refusals[code];
    await this.send(host, {
      kind: 'refusal',
      status,
      lang,
      dir: directionOf(lang),
      title,
      message,
      code,
      help,
    });
  }

  refusalLanguage(host: ArgumentsHost): string {
    return this.language(host, this.settings.languages);
  }

  /** Texts written for a route are better than those in the reader's language that fit any route. */
  private confirmTexts(
    host: ArgumentsHost,
    { options }: Attempt,
    token: RequestToken,
  ): ConfirmTexts & { lang: string } {
    const { texts, languages } = this.settings;
    const confirm = confirmOptions(host, options, token);
    if (typeof confirm !== 'object') {
      const lang = this.language(host, languages);
      return { lang, ...texts[lang].confirm };
    }
    const { translations = {}, ...own } = confirm;
    const lang = this.language(host, this.languagesOf(confirm));
    return { lang, ...layTexts(this.textsFor(lang).confirm, own, translations[lang]) };
  }

  /** In this language, which may be one of a single route, or the nearest that there is. */
  private textsFor(lang: string): CompleteTexts {
    const { texts, languages, fallbackLanguage } = this.settings;
    return texts[lang] ?? texts[languages.best([lang]) ?? fallbackLanguage];
  }

  private languagesOf(confirm: ConfirmOptions): Languages {
    let languages = this.translated.get(confirm);
    if (!languages) {
      languages = new Languages([this.settings.fallbackLanguage, ...Object.keys(confirm.translations ?? {})]);
      this.translated.set(confirm, languages);
    }
    return languages;
  }

  private language(host: ArgumentsHost, available: Languages): string {
    return available.best(acceptedLanguages(host)) ?? this.settings.fallbackLanguage;
  }

  private async send(host: ArgumentsHost, page: RequestTokenPage): Promise<void> {
    const { look } = this.settings;
    const { render } = await this.hooks.of(requestOf(host));
    const drawn = render && (await this.draw(render, page, host));
    // A page of the app's has styles and pictures of its own, so it keeps the app's policy.
    if (drawn !== undefined) this.answers.addToHeader(host, 'Content-Security-Policy', UNFRAMED);
    else this.answers.setHeader(host, 'Content-Security-Policy', look.policy);
    this.answers.setHeader(host, 'X-Frame-Options', 'DENY');
    this.answers.setHeader(host, 'Content-Type', 'text/html; charset=utf-8');
    this.negotiated(host, page.lang);
    this.answers.reply(host, drawn ?? renderPage(page, look, this.textsFor(page.lang).support), page.status);
  }

  private negotiated(host: ArgumentsHost, lang: string): void {
    this.answers.setHeader(host, 'Content-Language', lang);
    this.answers.addToHeader(host, 'Vary', 'Accept, Accept-Language');
  }

  /** Undefined if what the app draws is no page, or not there in time. */
  private async draw(
    render: RequestTokenPageRenderer,
    page: RequestTokenPage,
    host: ArgumentsHost,
  ): Promise<string | undefined> {
    const drawing = Promise.resolve(render(page, requestOf(host)));
    try {
      const html: unknown = await within(drawing, this.bounds.soon(), 'pages.render');
      if (typeof html === 'string') return html;
      logThrown(this.logger, `pages.render has returned ${typeof html}, and not a text`);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      logThrown(this.logger, error);
    }
    return undefined;
  }
}

/** @throws TypeError if a function of the app's makes what is none */
function confirmOptions(
  host: ArgumentsHost,
  { confirm }: RouteOptions,
  token: RequestToken,
): boolean | ConfirmOptions {
  if (typeof confirm !== 'function') return confirm;
  const request = requestOf(host);
  const made: unknown = confirm({ user: request.user, token, request });
  if (made instanceof Promise) {
    // Nobody else will hear of it, and then it would end the process.
    made.catch(() => undefined);
    throw new TypeError(
      '@UseRequestToken(): confirm returns a promise, and texts are made at once; what they need can stand in data of the token',
    );
  }
  assertConfirmOptions(made, '@UseRequestToken(): what confirm returns');
  return made;
}
