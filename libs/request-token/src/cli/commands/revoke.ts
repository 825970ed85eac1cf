import type { Command } from 'commander';
import type { RevokeOptions } from '../../token/revoke.js';
import { type AppOptions, withApp, withTokens } from '../app.js';
import { UsageError } from '../exit-code.js';
import { linkOf } from '../given.js';
import { print, whileWaiting } from '../output.js';

interface Options extends AppOptions {
  user?: string;
  scope?: string;
}

export function addRevoke(program: Command): void {
  withApp(
    program
      .command('revoke')
      .description('stops a link, or all links of a user, of a scope, or of a user within a scope')
      .argument('[link]', 'a link, a JWT or an id; - reads it from standard input'),
  )
    .option('--user <key>', 'all links of this user')
    .option('--scope <scope>', 'all links of this scope')
    .action(async (given: string | undefined, { user, scope, ...options }: Options) => {
      const isOfMany = user !== undefined || scope !== undefined;
      if ((given === undefined) !== isOfMany) {
        throw new UsageError('Give either a link or an id, or --user, --scope or both.');
      }
      const many = {
        ...(user !== undefined && { user }),
        ...(scope !== undefined && { scope }),
      } as RevokeOptions;
      const which = given === undefined ? many : await linkOf(given);
      const revoked = await withTokens(options, (tokens) => whileWaiting('Revoking', tokens.revoke(which)));
      print(options.json, { revoked }, () => [`${revoked} revoked.`]);
    });
}
