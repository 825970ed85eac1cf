import type { Command } from 'commander';
import type { ListOptions } from '../../operations/list-options.js';
import { type AppOptions, withApp, withTokens } from '../app.js';
import { dateOf, numberOf } from '../given.js';
import { columns, print, timeOf } from '../output.js';

export function addList(program: Command): void {
  withApp(program.command('list').description('lists tokens, the newest first'))
    .option('--user <key>', 'of this user')
    .option('--scope <scope>', 'of this scope')
    .option('--state <state>', 'usable, revoked, expired, not_yet_valid or exhausted')
    .option('--issued-from <date>', 'issued then or later', dateOf)
    .option('--issued-to <date>', 'issued before', dateOf)
    .option('--limit <number>', 'how many at most (50)', numberOf)
    .option('--after <text>', 'where the page before ended')
    .action(async ({ app, export: name, json, ...filters }: AppOptions & ListOptions) => {
      const page = await withTokens({ app, export: name }, (tokens) => tokens.list(filters));
      print(json, page, () => [
        ...columns([
          ['ID', 'STATE', 'SCOPE', 'USER', 'USES', 'ISSUED', 'EXPIRES'],
          ...page.items.map(({ id, state, scope, userId, useCount, maxUses, issuedAt, expiresAt }) => [
            id,
            state,
            scope ?? '-',
            userId ?? '-',
            `${useCount}/${maxUses ?? '*'}`,
            timeOf(issuedAt),
            timeOf(expiresAt),
          ]),
        ]),
        ...(page.after ? [`More: --after ${page.after}`] : []),
      ]);
    });
}
