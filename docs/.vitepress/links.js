import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { URL } from 'node:url';

const isRelative = (href) => !/^([a-z][a-z\d+.-]*:|\/|#)/i.test(href);

/**
 * For markdown-it: files of the repository that are no pages, such as sources, are linked at GitHub, and README is the
 * first page.
 */
export const linkToRepository =
  ({ root, isPage, url }) =>
  (md) =>
    md.core.ruler.push('link-to-repository', ({ tokens, env }) => {
      for (const token of tokens.flatMap(({ children }) => children ?? [])) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (!href || !isRelative(href)) continue;
        const [path, anchor] = href.split('#');
        const file = posix.join(posix.dirname(env.relativePath), decodeURI(path));
        if (isPage(file)) {
          if (file === 'README.md') token.attrSet('href', `/${anchor ? `#${anchor}` : ''}`);
        } else if (existsSync(join(root, file))) {
          token.attrSet('href', `${url}/${file}${anchor ? `#${anchor}` : ''}`);
        }
      }
    });

/**
 * VitePress checks that the pages are there that links lead to, and leaves anchors to us.
 *
 * @throws Error that names every link of the site that leads nowhere
 */
export async function checkAnchors({ outDir }) {
  const names = (await readdir(outDir, { recursive: true })).filter((name) => name.endsWith('.html'));
  const pages = new Map(
    await Promise.all(
      names.map(async (name) => [
        `/${name.replaceAll('\\', '/')}`,
        await readFile(join(outDir, name), 'utf8'),
      ]),
    ),
  );
  const idsOf = (html) => new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  const ids = new Map([...pages].map(([path, html]) => [path, idsOf(html)]));
  const dead = [];
  for (const [path, html] of pages) {
    for (const [, href] of html.matchAll(/<a\s[^>]*href="([^"]+)"/g)) {
      if (/^[a-z][a-z\d+.-]*:/i.test(href)) continue;
      const { pathname, hash } = new URL(href.replaceAll('&amp;', '&'), `http://site${path}`);
      const wanted = [pathname, `${pathname}.html`, posix.join(pathname, 'index.html')].map(decodeURI);
      const page = wanted.find((name) => ids.has(name));
      const isThere =
        page !== undefined
          ? hash === '' || ids.get(page).has(decodeURIComponent(hash.slice(1)))
          : existsSync(join(outDir, decodeURI(pathname)));
      if (!isThere) dead.push(`${dirname(path) === '/' ? path.slice(1) : path}: ${href}`);
    }
  }
  if (dead.length > 0) throw new Error(`Links that lead nowhere:\n${[...new Set(dead)].join('\n')}`);
}
