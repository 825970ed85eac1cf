import { readdirSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { defineConfig } from 'vitepress';
import { checkAnchors, linkToRepository } from './links.js';
import { slugify } from './slug.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const repository = 'https://github.com/nestjs-request-token/nestjs-request-token';

/** What of the repository is on the site, beside docs/. */
const PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];

const isPage = (file) => PAGES.includes(file) || /^docs\/(?!\.)[^.]+\.md$/.test(file);

const page = (text, name) => ({ text, link: `/docs/${name}` });

/** Written by TypeDoc just before. */
const api = (entry) => {
  const folder = `docs/api/${entry}`;
  const names = (kind) =>
    readdirSync(`${root}/${folder}/${kind}`)
      .map((name) => name.replace(/\.md$/, ''))
      .map((text) => ({ text, link: `/${folder}/${kind}/${text}` }));
  const kinds = readdirSync(`${root}/${folder}`, { withFileTypes: true })
    .filter((item) => item.isDirectory() && !['testing', 'admin'].includes(item.name))
    .map(({ name }) => name);
  return {
    text: entry,
    link: `/${folder}/`,
    items: kinds.flatMap(names).toSorted((a, b) => a.text.localeCompare(b.text)),
  };
};

export default defineConfig({
  title: 'nestjs-request-token',
  description: 'Links in mails that let their reader do one thing as a known user, without logging in',
  lang: 'en',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // README and docs/ link to each other, on GitHub and in the package as well: the site has them where they are.
  srcDir: '..',
  srcExclude: ['{.ci,.github,apps,libs,test}/**', 'bench/!(README.md)/**', 'docs/.vitepress/**'],
  outDir: './.vitepress/dist',
  cacheDir: './.vitepress/cache',
  rewrites: { 'README.md': 'index.md' },
  cleanUrls: true,
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    headers: { slugify },
    config: (md) => md.use(linkToRepository({ root, isPage, url: `${repository}/blob/main` })),
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
    nav: [
      page('Reference', 'reference'),
      { text: 'API', link: '/docs/api/' },
      { text: 'Changelog', link: '/CHANGELOG' },
    ],
    sidebar: [
      { text: 'Start', link: '/' },
      {
        text: 'By kind of app',
        items: [
          page('Server-rendered', 'server-rendered'),
          page('Single page app with an API', 'front-end'),
          page('A worker that sends the mails', 'worker'),
          page('GraphQL', 'graphql'),
          page('Sign in by mail', 'sign-in-by-mail'),
        ],
      },
      {
        text: 'Guides',
        items: [
          page('Links in mail', 'mail'),
          page('Testing', 'testing'),
          page('Recipes', 'recipes'),
          page('Keys and security', 'keys-and-security'),
          page('Operations', 'operations'),
          page('The admin', 'admin'),
          page('The command line', 'command-line'),
        ],
      },
      {
        text: 'Know more',
        items: [
          page('Reference', 'reference'),
          page('Performance', 'performance'),
          page('Comparison', 'comparison'),
          page('Coming from Django', 'coming-from-django'),
        ],
      },
      {
        text: 'API',
        link: '/docs/api/',
        collapsed: true,
        items: [api('nestjs-request-token'), api('nestjs-request-token/testing')],
      },
      {
        text: 'Project',
        items: [
          { text: 'Changelog', link: '/CHANGELOG' },
          { text: 'Contributing', link: '/CONTRIBUTING' },
          { text: 'Security', link: '/SECURITY' },
          { text: 'Bench', link: '/bench/README' },
        ],
      },
    ],
  },
  buildEnd: checkAnchors,
});
