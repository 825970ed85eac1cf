import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';

/** CommonJS is served by require(esm), which every supported Node.js has; attw still takes it for an error. */
const ATTW_OPTIONS = ['--ignore-rules', 'cjs-resolves-to-esm'];

test.each([
  ['publint@0.3.25', ['--strict']],
  ['@arethetypeswrong/cli@0.18.5', ATTW_OPTIONS],
])(
  '%s finds nothing wrong with the package',
  async (tool, options) => {
    const args = ['--yes', '--loglevel=error', tool, process.env.COMPAT_TARBALL ?? '', ...options];
    const outcome = await new Promise((resolve) => {
      execFile('npx', args, (error, stdout) => resolve(error ? stdout || error.message : 'clean'));
    });
    expect(outcome).toBe('clean');
  },
  120_000,
);
