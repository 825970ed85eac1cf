import { posix } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Project } from './project.js';
import type { Stack } from './stacks.js';

/** The package as npm unpacks it. */
export function packageCases(project: () => Project, stack: Stack): void {
  test('has compiled code, declarations and documents, and nothing else', async () => {
    const names = [...(await project().packageFiles()).keys()];
    expect(names).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.d.ts']),
    );
    const expected =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/[\w-]+\.md|dist\/[\w./-]+(?<!spec)(\.d\.ts|\.js))$/;
    expect(names.filter((name) => !expected.test(name))).toEqual([]);
  });

  test('has documents whose links and pictures work for somebody who reads them on npm', async () => {
    const files = await project().packageFiles();
    const documents = [...files].filter(([name]) => name.endsWith('.md'));
    const links = documents.flatMap(([name, text]) => {
      const prose = text.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
      return [...prose.matchAll(/(?:\]\(|^\[[^\]]+\]: )([^)\s]+)/gm)].map(([, link]) => ({ name, link }));
    });
    expect(links.length).toBeGreaterThan(100);
    const dead = links.filter(({ name, link }) => {
      if (/^(https:|#)/.test(link)) return /\.(svg|png)$/.test(link) && link.includes('/blob/');
      // npm shows README by itself; the others are read in the package.
      return !name.startsWith('docs/') || !files.has(posix.join('docs', link.split('#')[0]));
    });
    expect(dead).toEqual([]);
    expect(files.get('README.md')).toMatch(
      /!\[[^\]]+\]\(https:\/\/raw\.githubusercontent\.com\/\S+\/v\d+\.\d+\.\d+\S*\/bench\/chart\.svg\)/,
    );
  });

  test('imports nothing but its dependencies and peers', async () => {
    const files = await project().packageFiles();
    const manifest = JSON.parse(files.get('package.json') ?? '') as Record<string, Record<string, string>>;
    const known = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const imported = [...files].flatMap(([name, text]) =>
      name.startsWith('dist/')
        ? [...text.matchAll(/(?:\bfrom |\bimport\(|^import )["']([^."'][^"']*)["']/gm)]
        : [],
    );
    const packages = new Set(imported.map(([, name]) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0]));
    expect(imported.length).toBeGreaterThan(50);
    expect([...packages].filter((name) => !known.includes(name ?? '') && !/^node:/.test(name ?? ''))).toEqual(
      [],
    );
  });

  test.each([stack.compilerOptions, ...stack.alsoTyped])('is type-checked with %j', async (options) => {
    const { output } = await project().typeCheck(options);
    // What other packages declare is their business.
    const lines = output
      .split('\n')
      .filter((line) => /^(src|node_modules\/nestjs-request-token)\//.test(line));
    expect(lines).toEqual([]);
  });

  const LOOK = `
    const state = () => [...process.eventNames(), ...Object.keys(process.env)];
    const before = state();
    const check = ({ RequestTokenModule }) => {
      if (typeof RequestTokenModule.forRoot !== 'function') throw new Error('no module');
      const added = state().filter((name) => !before.includes(name));
      if (added.length > 0) throw new Error('changed the process: ' + added);
    };`;

  test('can be imported, and does nothing then', async () => {
    const code = `${LOOK} import('nestjs-request-token').then(check);`;
    expect(await project().node(code, 'module')).toEqual({ code: 0, output: '' });
  });

  test('can be required, and does nothing then', async () => {
    const code = `${LOOK} check(require('nestjs-request-token'));`;
    const { code: exitCode, output } = await project().node(code, 'commonjs');
    // Some releases of Node.js warn of require(esm) from outside of node_modules.
    expect({ exitCode, output: output.replace(/\(node:\d+\) ExperimentalWarning.*\n.*\n/, '') }).toEqual({
      exitCode: 0,
      output: '',
    });
  });

  test('has its kit for tests behind nestjs-request-token/testing', async () => {
    const code = `import('nestjs-request-token/testing').then(({ requestTokenTesting }) =>
      console.log(typeof requestTokenTesting));`;
    expect(await project().node(code, 'module')).toEqual({ code: 0, output: 'function\n' });
  });

  test('has its admin behind nestjs-request-token/admin', async () => {
    const code = `import('nestjs-request-token/admin').then(({ RequestTokenAdminModule: { register } }) => {
      try { register({ guards: [] }) } catch (error) { console.log(error.name) } });`;
    expect(await project().node(code, 'module')).toEqual({ code: 0, output: 'TypeError\n' });
  });

  test('does without OpenTelemetry: its API is not there, whatever else is tested here', async () => {
    const { code, output } = await project().node(`import('@opentelemetry/api')`, 'module');
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('ERR_MODULE_NOT_FOUND') });
  });

  test('is the same to whoever imports and requires it', async () => {
    const code = `const library = require('nestjs-request-token');
      import('nestjs-request-token').then(({ TokenService, RequestToken }) =>
        console.log(TokenService === library.TokenService && RequestToken === library.RequestToken));`;
    expect((await project().node(code, 'commonjs')).output).toMatch(/^true$/m);
  });
}
