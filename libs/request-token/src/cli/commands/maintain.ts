import type { Command } from 'commander';
import type { MaintainOptions } from '../../operations/maintain-options.js';
import { type AppOptions, withApp, withTokens } from '../app.js';
import { numberOf } from '../given.js';
import { print, whileWaiting } from '../output.js';

export function addMaintain(program: Command): void {
  withApp(program.command('maintain').description('does the nightly job: sums up, gives back, clears away'))
    .option('--keep-logs <duration>', 'delete log rows that are older, such as 1y')
    .option('--keep-tokens <duration>', 'delete tokens that ended longer ago, such as 90d')
    .option('--release-pending <duration>', 'give back uses that are pending for longer, such as 1h')
    .option('--batch-size <number>', 'rows that a statement looks at (1000)', numberOf)
    .action(async ({ app, export: name, json, ...wanted }: AppOptions & MaintainOptions) => {
      const done = await withTokens({ app, export: name }, (tokens) =>
        whileWaiting('Maintaining', tokens.maintain(wanted)),
      );
      print(json, done, () => [
        `${done.released} uses given back, ${done.logs} log rows, ${done.partitions} partitions, ` +
          `${done.tokens} tokens and ${done.revocations} revocations deleted.`,
      ]);
    });
}
