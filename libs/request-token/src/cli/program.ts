import { Command } from 'commander';
import { addCheck } from './commands/check.js';
import { addInspect } from './commands/inspect.js';
import { addKeygen } from './commands/keygen.js';
import { addList } from './commands/list.js';
import { addMaintain } from './commands/maintain.js';
import { addRevoke } from './commands/revoke.js';
import { addStatistics } from './commands/statistics.js';
import type { EndWith } from './exit-code.js';
import { write } from './output.js';

/** All commands. */
export function createProgram(endWith: EndWith): Command {
  const program = new Command('request-token')
    .description('Looks after the request tokens of a Nest app.')
    .exitOverride()
    .configureOutput({ writeOut: write })
    .showHelpAfterError('Add --help for what there is.');
  addInspect(program, endWith);
  addRevoke(program);
  addList(program);
  addStatistics(program);
  addMaintain(program);
  addCheck(program, endWith);
  addKeygen(program);
  return program;
}
