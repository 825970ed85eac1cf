import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import { pathTo } from '../../support/docs.js';

const MAIN = pathTo('dist/libs/request-token/src/cli/main.js');

export interface CommandResult {
  out: string;
  error: string;
  code: number | null;
}

/** Runs `npx request-token` as a process, in a folder, with an environment of which nothing is ours. */
export async function runCommand(
  args: string[],
  { cwd, env = {}, input = '' }: { cwd: string; env?: NodeJS.ProcessEnv; input?: string },
): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...env }, cwd });
  child.stdin.end(input);
  const [out, error, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  // A stack trace is for whoever mends a program, and not for whoever uses it.
  expect(error).not.toMatch(/\n\s+at /);
  return { out, error, code };
}
