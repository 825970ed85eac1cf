import type { RequestTokenClaims } from '../common/claims.js';
import type { RequestTokenErrorCode } from '../common/exception.js';
import type { RequestToken } from '../entities/request-token.entity.js';
import type { ConfirmTexts } from '../routes/confirm-options.js';

/**
 * Texts of the page for one way a link can fail. They are text, not HTML.
 *
 * @publicApi
 */
export interface RefusalTexts {
  /** Heading and title of the page. */
  title: string;
  /** What happened, and what to do about it. */
  message: string;
}

/** Why a link does not work: the code of a refusal, or `unavailable` when it could not be checked (503). */
export type FailureCode = RequestTokenErrorCode | 'unavailable';

/**
 * Texts of one language. What is left out is taken from the module's own.
 *
 * @publicApi
 */
export interface RequestTokenTexts {
  confirm?: Partial<ConfirmTexts>;
  refusals?: Partial<Record<FailureCode, Partial<RefusalTexts>>>;
  /** Of the link to `brand.supportUrl`. */
  support?: string;
}

/** Texts of one language for everything that the module shows. */
export interface CompleteTexts {
  confirm: ConfirmTexts;
  refusals: Record<FailureCode, RefusalTexts>;
  support: string;
}

/**
 * A page for the reader of a link, as its renderer gets it.
 *
 * @publicApi
 */
export type RequestTokenPage = {
  /** BCP 47 tag of the language that the texts are in. */
  lang: string;
  /** Which way that language is written: for the attribute `dir` of `<html>`. */
  dir: 'ltr' | 'rtl';
  /** Text, not HTML, as all that follows but `field`. */
  title: string;
  message: string;
} & (
  | {
      kind: 'confirm';
      status: 200;
      button: string;
      /** Hidden field with the token, as HTML, for a form that posts to the page's own address. */
      field: string;
      claims: RequestTokenClaims;
    }
  | {
      kind: 'refusal';
      status: 403 | 503;
      code: FailureCode;
      /** What `onRefused` returned. */
      help: RefusalHelp;
    }
);

/**
 * What a confirm page says, as JSON: the answer to GET for clients that ask for JSON, such as a front end that
 * draws the page itself. No use has been taken for it.
 *
 * @publicApi
 */
export interface RequestTokenConfirmation extends ConfirmTexts {
  kind: 'confirm';
  /** BCP 47 tag of the language that the texts are in. */
  lang: string;
  /** Of the token; null if its target alone binds it. */
  scope: string | null;
  /** ISO 8601; null if the token never expires. */
  expiresAt: string | null;
  /** How many uses are left; null if they are unlimited. */
  usesLeft: number | null;
}

/**
 * Draws a page: a whole HTML document. It must work without JavaScript, and its form must be sent by a
 * click only, and once. It keeps the Content-Security-Policy that the app sets, and gets `frame-ancestors 'none'`
 * beside it.
 *
 * @publicApi
 */
export type RequestTokenPageRenderer = (page: RequestTokenPage, request: unknown) => string | Promise<string>;

/** What of the options pages call. */
export interface PagesHooks {
  readonly render?: RequestTokenPageRenderer;
}

/**
 * Whose pages they are: so much that the module's own look like the sender's.
 *
 * @publicApi
 */
export interface RequestTokenBrand {
  /** The sender, as readers know them: stands over each page, or is what the logo says. */
  name: string;
  /**
   * Picture that stands over each page: an `https:` URL, a path of `baseUrl`, or a `data:` URI. The
   * Content-Security-Policy allows just this one, and no redirect to another origin. In the dark it stands on white.
   */
  logoUrl?: string;
  /**
   * Colour of the button, such as `'#1d4ed8'`. The app does not boot with one whose contrast with the light page is
   * less than 3:1 (WCAG 2.2 AA); on the dark page, one that is too dark is made lighter. Its text is white or black.
   * Default: a blue.
   */
  color?: string;
  /** Where readers get help: an `http(s):` or `mailto:` URL. A link to it stands under each page. */
  supportUrl?: string;
}

/**
 * Option `pages` of the module: what the pages look like, and what they say.
 *
 * @publicApi
 */
export interface RequestTokenPagesOptions {
  /** Name, logo, colour and support of the sender, on the module's own pages. Default: none of these. */
  brand?: RequestTokenBrand;
  /**
   * Texts by BCP 47 language tag, laid over the module's own. These are in `ar`, `de`, `en`, `es`,
   * `fr`, `he`, `it`, `ja`, `nl`, `pl`, `pt` and `zh-Hans`. What another language lacks is taken from the nearest one
   * there is (`pt` for `pt-BR`), or else from the fallback language.
   */
  texts?: Record<string, RequestTokenTexts>;
  /** Language of readers who accept none that there is. Default: `'en'`. */
  fallbackLanguage?: string;
  /**
   * Draws the pages instead of the module, which draws them all the same, and logs it, if there is no text
   * within `statementTimeout`.
   */
  render?: RequestTokenPageRenderer;
}

/**
 * A refusal as `onRefused` gets it.
 *
 * @publicApi
 */
export interface RefusedContext {
  code: RequestTokenErrorCode;
  /** When the signature was good. */
  claims?: RequestTokenClaims;
  /** The row, when the signature was good and it is there; of a deferred token, as its first use would write it. */
  token?: RequestToken;
  /** Language of the page that will be shown, as a BCP 47 tag. */
  lang: string;
  /** The framework's request. */
  request: unknown;
}

/**
 * A way out for the reader.
 *
 * @publicApi
 */
export interface RefusalHelp {
  /** A sentence below the page's message; text, not HTML. */
  text?: string;
  /** Below that, where to go on. */
  link?: { url: string; text: string };
}

/**
 * Called for every refusal, before it is answered. What it returns is shown on the page; what it throws
 * is logged, and the page is shown without it, as it is if it takes longer than `statementTimeout`.
 *
 * @publicApi
 */
export type OnRefused = (
  context: RefusedContext,
) => RefusalHelp | undefined | void | Promise<RefusalHelp | undefined | void>;
