import Handlebars from 'handlebars';
import { convert } from 'html-to-text';
import { Marked, type Renderer, type Tokens } from 'marked';

/** What links in a mailing are called in Markdown: `[Unsubscribe](link:unsubscribe)`. */
export const LINK_NAMES = ['rsvp', 'preferences', 'unsubscribe'] as const;
export type LinkName = (typeof LINK_NAMES)[number];
export type MailingLinks = Record<LinkName, string>;

export interface Reader<Name extends string = LinkName> {
  name: string;
  links: Record<Name, string>;
}

export interface RenderedMailing {
  subject: string;
  html: string;
  text: string;
}

/** The Markdown file cannot be made into a mail. */
export class MailingSyntaxError extends Error {}

/** Colours and sizes stay those of the mail program, which knows whether it is dark and how small. */
const DOCUMENT = (body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{{subject}}</title>
</head>
<body style="max-width: 36em; margin: 0 auto; padding: 1em; font-family: sans-serif; line-height: 1.5">
${body}</body>
</html>
`;

/** A mail written in Markdown, ready to be rendered for each reader. Its first `# heading` is the subject. */
export class MailingTemplate<Name extends string = LinkName> {
  /** The subject before anybody's name is in it. */
  readonly title: string;
  private readonly html: Handlebars.TemplateDelegate;
  private readonly subject: Handlebars.TemplateDelegate;

  /** Without names of links, it may have those of a mailing. */
  constructor(
    markdown: string,
    private readonly linkNames = LINK_NAMES as readonly string[] as readonly Name[],
  ) {
    // Markdown first, names last: what a subscriber is called can then never become Markdown or HTML.
    const body = new Marked({ renderer: { link: linkRenderer(linkNames) } }).parse(markdown, {
      async: false,
    });
    const heading = /<h1>(.*?)<\/h1>/s.exec(body);
    if (!heading) throw new MailingSyntaxError('there is no "# heading" to take the subject from');
    this.title = toText(heading[1]);
    this.html = Handlebars.compile(DOCUMENT(body), { strict: true, knownHelpersOnly: true });
    this.subject = Handlebars.compile(this.title, { strict: true, knownHelpersOnly: true, noEscape: true });
    this.checkPlaceholders();
  }

  render({ name, links }: Reader<Name>): RenderedMailing {
    const subject = this.subject({ name });
    const html = this.html({ subject, name, links: this.mapLinks((link) => asAttribute(links[link])) });
    return { subject, html, text: toText(html) };
  }

  /** A misspelt placeholder should be told when the file is read, not to the first reader. */
  private checkPlaceholders(): void {
    try {
      this.render({ name: '', links: this.mapLinks(() => '') });
    } catch (error) {
      throw new MailingSyntaxError((error as Error).message.split('\n')[0], { cause: error });
    }
  }

  private mapLinks<Result>(map: (name: Name) => Result): Record<Name, Result> {
    return Object.fromEntries(this.linkNames.map((name) => [name, map(name)])) as Record<Name, Result>;
  }
}

/** Leaves every link but `link:…` to marked. */
function linkRenderer(names: readonly string[]) {
  return function renderLink(this: Renderer, { href, tokens }: Tokens.Link): string | false {
    if (!href.startsWith('link:')) return false;
    const name = href.slice('link:'.length);
    if (!names.includes(name)) {
      throw new MailingSyntaxError(`there is no link called "${name}", only ${names.join(', ')}`);
    }
    return `<a href="{{links.${name}}}">${this.parser.parseInline(tokens)}</a>`;
  };
}

/** Handlebars would also write `=` as `&#x3D;`, which some mail programs do not undo in links. */
function asAttribute(url: string): Handlebars.SafeString {
  return new Handlebars.SafeString(url.replaceAll('&', '&amp;').replaceAll('"', '&quot;'));
}

function toText(html: string): string {
  return convert(html, {
    wordwrap: 78,
    selectors: [
      { selector: 'h1', options: { uppercase: false } },
      { selector: 'h2', options: { uppercase: false } },
      // In angle brackets mail programs find where a link ends, whatever follows it (RFC 3986, appendix C).
      { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true } },
    ],
  });
}
