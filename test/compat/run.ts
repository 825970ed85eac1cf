import { execFile } from 'node:child_process';

export interface Outcome {
  code: number;
  output: string;
}

/** Runs a program in a folder, with an environment of which nothing is ours. */
export function run(
  folder: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } };
    execFile(command, args, { ...options, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? 1) : 0;
      resolve({ code, output: stdout + stderr });
    });
  });
}
