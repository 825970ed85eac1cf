import type { ComponentChildren } from 'preact';
import { STYLE } from './style.js';

/** What every page knows. */
export interface Frame {
  /** Path of the admin, without a slash at its end. */
  base: string;
  isReadOnly: boolean;
}

interface LayoutProps extends Frame {
  title: string;
  /** Which of the three lists it is. */
  current?: '' | 'attempts' | 'figures';
  children: ComponentChildren;
}

const PLACES = [
  ['', 'Tokens'],
  ['attempts', 'Attempts'],
  ['figures', 'Figures'],
] as const;

export const Layout = ({ title, base, current, children }: LayoutProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>{`${title} – Request tokens`}</title>
      <style dangerouslySetInnerHTML={{ __html: STYLE }} />
    </head>
    <body>
      <header>
        <p>Request tokens</p>
        <nav aria-label="Lists">
          {PLACES.map(([place, name]) => (
            <a
              key={place}
              href={place === '' ? base || '/' : `${base}/${place}`}
              aria-current={place === current ? 'page' : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main>
        <h1>{title}</h1>
        {children}
      </main>
    </body>
  </html>
);

/** One box for whatever a customer has sent. It is posted, so that a link gets into no address and no log. */
export const FindForm = ({ base }: Pick<Frame, 'base'>) => (
  <form method="post" action={`${base}/find`} autocomplete="off">
    <label class="wide">
      A link, an id or a user
      <input name="q" required maxLength={8192} spellcheck={false} />
    </label>
    <button>Find</button>
  </form>
);
