import { CommanderError } from 'commander';
import { messageOf } from './app.js';
import { createProgram } from './program.js';
import { ExitCode, UsageError } from './exit-code.js';

/** Runs a command. Its outcome is the status that the process ends with; what went wrong is told without a stack trace. */
export async function run(args: string[]): Promise<ExitCode> {
  let code: ExitCode = ExitCode.Fine;
  const program = createProgram((outcome) => (code = outcome));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // It has said what is wrong already; help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Fine : ExitCode.WrongUsage;
    process.stderr.write(`${messageOf(error)}\n`);
    return error instanceof UsageError || error instanceof TypeError ? ExitCode.WrongUsage : ExitCode.Failed;
  }
}
