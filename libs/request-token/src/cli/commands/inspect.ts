import type { Command } from 'commander';
import { type AppOptions, withApp, withTokens } from '../app.js';
import { type EndWith, ExitCode } from '../exit-code.js';
import { linkOf } from '../given.js';
import { columns, print, timeOf } from '../output.js';

export function addInspect(program: Command, endWith: EndWith): void {
  withApp(
    program
      .command('inspect')
      .description('tells why a link works or not; ends with 1 if it does not')
      .argument('<link>', 'a link or a JWT; - reads it from standard input'),
  ).action(async (given: string, options: AppOptions) => {
    const link = await linkOf(given);
    const inspection = await withTokens(options, (tokens) => tokens.inspect(link));
    const { usable, code, claims, token, deferred, logs } = inspection;
    print(options.json, inspection, () => {
      const known = token ?? deferred;
      return [
        usable ? 'It works.' : `It does not work: ${code}.`,
        ...(claims ? [`Token ${claims.jti}`] : []),
        ...(deferred ? ['Nobody has used it: it is deferred, and has no row yet.'] : []),
        ...(known
          ? columns([
              ['scope', known.scope ?? '-'],
              ['target', known.targetPath ?? '-'],
              ['user', known.userId ?? '-'],
              ['issued', timeOf(known.issuedAt)],
              ['expires', timeOf(known.expiresAt)],
              ['revoked', timeOf(known.revokedAt)],
              ['uses', `${known.useCount} of ${known.maxUses ?? 'any number'}`],
            ])
          : []),
        ...(logs.length > 0 ? ['Attempts, the newest first:'] : []),
        ...columns(
          logs.map(({ startedAt, outcome, repeats, clientIp, statusCode }) => [
            timeOf(startedAt),
            repeats > 1 ? `${outcome} (${repeats} times)` : outcome,
            String(statusCode ?? '-'),
            clientIp ?? '-',
          ]),
        ),
      ];
    });
    if (!usable) endWith(ExitCode.Failed);
  });
}
