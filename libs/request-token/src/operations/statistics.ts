import { Injectable } from '@nestjs/common';
import { assertScope } from '../common/scope.js';
import { DeferredTally } from './deferred-tally.js';
import { add, type Sums, statisticOf } from './figures.js';
import { assertMoments } from './given-moments.js';
import { after, dayOf, HOUR_MS, hourOf } from './hours.js';
import { checkStatisticsOptions, type Statistic, type StatisticsOptions } from './statistics-options.js';
import { getOrMake, type PeriodSums, Summary } from './summary.js';

/** What can be asked for at once: more rows would be held in memory. */
const MOST_HOURS = { hour: 24 * 100, day: 24 * 366 * 10, scope: 24 * 366 * 10 };

const KEYS: Record<StatisticsOptions['by'], (period: PeriodSums) => string> = {
  hour: ({ beginsAt }) => beginsAt.toISOString(),
  day: ({ beginsAt }) => dayOf(beginsAt).toISOString().slice(0, 10),
  scope: ({ scope }) => scope,
};

/** Counts what became of tokens. */
@Injectable()
export class Statistics {
  constructor(
    private readonly summary: Summary,
    private readonly deferred: DeferredTally,
  ) {}

  /** @throws TypeError if the options make no sense */
  async of(options: StatisticsOptions): Promise<Statistic[]> {
    checkStatisticsOptions(options);
    const { from, to, scope, by } = options;
    if (!Object.hasOwn(KEYS, by)) throw new TypeError("statistics: by must be 'day', 'hour' or 'scope'");
    if (from === undefined || to === undefined) throw new TypeError('statistics: give from and to');
    if (scope !== undefined) assertScope(scope);
    assertMoments('statistics', options, ['from', 'to']);
    const first = hourOf(from);
    const end = hourOf(after(to, HOUR_MS - 1));
    if ((end.getTime() - first.getTime()) / HOUR_MS > MOST_HOURS[by]) {
      throw new TypeError(`statistics: ${by === 'hour' ? 'ask for 100 days' : 'ask for 10 years'} at most`);
    }
    await this.deferred.flush();
    const periods = await this.summary.between(first, end, by === 'hour');
    const sums = new Map<string, Sums>();
    for (const period of periods) {
      if (scope === undefined || period.scope === scope) add(getOrMake(sums, KEYS[by](period)), period.sums);
    }
    return Array.from(sums, ([key, all]) => statisticOf(key, all))
      .filter(isSomething)
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}

const isSomething = ({ issued, used, released, refused }: Statistic): boolean =>
  issued + used + released > 0 || Object.keys(refused).length > 0;
