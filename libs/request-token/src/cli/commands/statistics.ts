import type { Command } from 'commander';
import type { StatisticsOptions } from '../../operations/statistics-options.js';
import { type AppOptions, withApp, withTokens } from '../app.js';
import { dateOf } from '../given.js';
import { columns, print, whileWaiting } from '../output.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

type Options = AppOptions & Partial<StatisticsOptions>;

export function addStatistics(program: Command): void {
  withApp(program.command('statistics').description('counts what became of tokens'))
    .option('--from <date>', `from then on (${DEFAULT_DAYS} days before --to)`, dateOf)
    .option('--to <date>', 'before then (now)', dateOf)
    .option('--scope <scope>', 'of this scope')
    .option('--by <key>', 'day, hour or scope', 'day')
    .action(async ({ to = new Date(), from, scope, by = 'day', ...options }: Options) => {
      const asked = {
        from: from ?? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS),
        to,
        by,
        ...(scope !== undefined && { scope }),
      };
      const statistics = await withTokens(options, (tokens) =>
        whileWaiting('Counting', tokens.statistics(asked)),
      );
      print(options.json, statistics, () =>
        columns([
          [by.toUpperCase(), 'ISSUED', 'USED', 'RELEASED', 'REFUSED', 'USERS'],
          ...statistics.map(({ key, issued, used, released, refused, users }) => [
            key || '-',
            ...[issued, used, released, Object.values(refused).reduce((sum, n) => sum + n, 0), users].map(
              String,
            ),
          ]),
        ]),
      );
    });
}
