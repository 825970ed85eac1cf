import type { AttemptsOptions } from '../operations/attempts-options.js';
import type { ListOptions } from '../operations/list-options.js';
import type { StatisticsOptions } from '../operations/statistics-options.js';

const DAY_MS = 86_400_000;
const FIGURES_DAYS = 30;

/** What of a query is a text, and not empty: a form sends all of its fields. */
export function textsOf(query: unknown): Record<string, string> {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [],
    ),
  );
}

/** @throws TypeError if a date is none; of the rest, `list` throws */
export function listOptionsOf(query: Record<string, string>): ListOptions {
  const { user, scope, state, after, limit } = query;
  return given({
    user,
    scope,
    state: state as ListOptions['state'],
    issuedFrom: date(query.issuedFrom),
    issuedTo: date(query.issuedTo),
    after,
    limit: limit === undefined ? undefined : Number(limit),
  });
}

/** @throws TypeError if a date is none; of the rest, `attempts` throws */
export function attemptsOptionsOf(query: Record<string, string>): AttemptsOptions {
  const { tokenId, outcome, scope, clientIp, after, limit } = query;
  return given({
    tokenId,
    outcome: outcome as AttemptsOptions['outcome'],
    scope,
    clientIp,
    from: date(query.from),
    to: date(query.to),
    after,
    limit: limit === undefined ? undefined : Number(limit),
  });
}

/** The last 30 days, unless something else is asked for. */
export function statisticsOptionsOf(query: Record<string, string>, now: Date): Omit<StatisticsOptions, 'by'> {
  const to = date(query.to) ?? new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
  const from = date(query.from) ?? new Date(to.getTime() - FIGURES_DAYS * DAY_MS);
  return { from, to, ...given({ scope: query.scope }) };
}

function date(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new TypeError(`${JSON.stringify(text.slice(0, 50))} is no date`);
  return moment;
}

/** Without what is undefined, which would be a mistake of a caller's. */
const given = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
