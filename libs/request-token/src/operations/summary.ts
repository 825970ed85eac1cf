import { Injectable } from '@nestjs/common';
import { RequestTokenClock } from '../common/clock.js';
import { unhurried } from '../common/unhurried.js';
import { RequestTokenStatistic } from '../entities/request-token-statistic.entity.js';
import { add, noSums, type Sums } from './figures.js';
import { after, DAY_MS, dayOf, HOUR_MS, hourOf, moments } from './hours.js';
import { SumStore } from './sum-store.js';

/** After the end of an hour: by then its attempts are in the log, of servers whose clocks differ, too. */
const LAG_MS = 15 * 60_000;

/** Tokens are older in no database. */
const BEGIN = new Date('2026-01-01T00:00:00Z');

/** Hours in which there was nothing are kept together: a table that was left alone for a year has thousands. */
const MOST_EMPTY_HOURS = 1_000;

/** Sums of one scope in a period that begins at a moment. */
export interface PeriodSums {
  beginsAt: Date;
  scope: string;
  sums: Sums;
}

/**
 * Sums the tables up, hour by hour and day by day, and keeps the sums. An hour with uses that are pending is summed up
 * again until there are none, so that nothing that is kept changes any more: whoever dies in between, and whoever does it
 * at the same time, does no harm.
 */
@Injectable()
export class Summary {
  constructor(
    private readonly store: SumStore,
    private readonly clock: RequestTokenClock,
  ) {}

  /**
   * The sums from an hour on, before another one.
   *
   * @param byHour whether those of whole days may not be one
   */
  async between(from: Date, to: Date, byHour: boolean): Promise<PeriodSums[]> {
    const end = this.openSince();
    const closed = to < end ? to : end;
    const first = await this.store.firstSince(from);
    const days = byHour ? [] : await this.closedDays(from, closed, first);
    const hours = uncovered(moments(from, closed, HOUR_MS), days);
    await this.sumUp(hours, first);
    const open = from > closed ? from : closed;
    const [kept, openSums] = await Promise.all([this.keptHours(hours), this.open(open, to)]);
    return [...[...days, ...kept].map(asPeriod), ...openSums];
  }

  /**
   * Sums up every hour that is over and was not, from the oldest row on, in no hurry.
   *
   * @returns when the first hour begins that is not over
   */
  async sumUpAll(): Promise<Date> {
    const end = this.openSince();
    const first = await this.store.firstSince(BEGIN);
    if (first) await this.sumUp(moments(hourOf(first), end, HOUR_MS), first, unhurried);
    return end;
  }

  /** When the first hour begins that is not over, or not long enough. */
  private openSince(): Date {
    return hourOf(after(this.clock.now(), -LAG_MS));
  }

  /**
   * @param first when the first row was made: there is nothing to be summed up before
   * @param pace how each hour is done. Default: at once, for whoever waits for the sums.
   */
  private async sumUp(
    hours: Date[],
    first: Date | undefined,
    pace: (step: () => Promise<void>) => Promise<void> = (step) => step(),
  ): Promise<void> {
    const begun = first ? hours.filter((hour) => hour >= hourOf(first)) : [];
    if (begun.length === 0) return;
    const summed = await this.store.summedHours(begun[0], after(begun[begun.length - 1], HOUR_MS));
    let due = begun.filter((hour) => summed.get(hour.getTime())?.isPending ?? true);
    let next = first;
    while (due.length > 0) {
      const [hour] = due;
      if (next && next < hour) next = await this.store.firstSince(hour);
      const isEmpty = (each: Date) => !summed.has(each.getTime()) && !(next && next < after(each, HOUR_MS));
      const empty = leading(due.slice(0, MOST_EMPTY_HOURS), isEmpty);
      if (empty.length > 0) await this.store.keepEmptyHours(empty, this.clock.now());
      else await pace(() => this.store.keepHour(hour, this.clock.now()));
      due = due.slice(empty.length || 1);
    }
  }

  /** Hours beside whole days are few, and far from each other: before the first day, and behind the last. */
  private async keptHours(hours: Date[]): Promise<RequestTokenStatistic[]> {
    const kept: RequestTokenStatistic[] = [];
    for (const [first, end] of runsOf(hours)) kept.push(...(await this.store.find('hour', first, end)));
    return kept;
  }

  /** What is kept of whole days, and of days that can be kept now. */
  private async closedDays(from: Date, to: Date, first: Date | undefined): Promise<RequestTokenStatistic[]> {
    const begin = dayOf(after(from, DAY_MS - 1));
    const end = dayOf(to);
    if (begin >= end) return [];
    const kept = await this.store.find('day', begin, end);
    const known = new Set(kept.map(({ beginsAt }) => beginsAt.getTime()));
    const missing = moments(begin, end, DAY_MS).filter((day) => !known.has(day.getTime()));
    if (missing.length === 0) return kept;
    const summed = await this.store.summedHours(begin, end);
    for (const day of missing) {
      const hours = moments(day, after(day, DAY_MS), HOUR_MS);
      const hasRows = first && first < after(day, DAY_MS);
      if (hasRows || hours.some((hour) => summed.has(hour.getTime()))) {
        kept.push(...(await this.keepDay(day, hours, first)));
      }
    }
    return kept;
  }

  /** Nothing if uses of that day are pending. */
  private async keepDay(day: Date, hours: Date[], first: Date | undefined): Promise<RequestTokenStatistic[]> {
    await this.sumUp(hours, first);
    const ofHours = await this.store.find('hour', day, after(day, DAY_MS));
    if (ofHours.some(({ pending }) => pending > 0)) return [];
    const byScope = new Map<string, Sums>();
    for (const hour of ofHours) add(getOrMake(byScope, hour.scope), hour);
    const summedAt = this.clock.now();
    const kept = Array.from(byScope, ([scope, sums]) =>
      Object.assign(new RequestTokenStatistic(), {
        ...sums,
        period: 'day' as const,
        beginsAt: day,
        scope,
        summedAt,
        pending: 0,
      }),
    );
    await this.store.insert(kept);
    return kept;
  }

  /** What is not over is read from the tables each time; deferred tokens are counted there already. */
  private async open(from: Date, to: Date): Promise<PeriodSums[]> {
    const hours = moments(from, to, HOUR_MS);
    if (hours.length === 0) return [];
    const now = this.clock.now();
    const counted = (await this.store.find('hour', from, to)).map((row) => ({
      beginsAt: row.beginsAt,
      scope: row.scope,
      sums: { ...noSums(), deferred: row.deferred },
    }));
    // Those to come have nothing yet, but for tokens of servers whose clocks are ahead.
    const begun = hours.filter((hour) => hour <= after(now, HOUR_MS));
    const read: PeriodSums[] = [];
    for (const hour of begun) {
      for (const { scope, ...sums } of await this.store.read(hour, after(hour, HOUR_MS))) {
        read.push({ beginsAt: hour, scope, sums });
      }
    }
    return [...counted, ...read];
  }
}

const asPeriod = ({ beginsAt, scope, ...sums }: RequestTokenStatistic): PeriodSums => ({
  beginsAt,
  scope,
  sums,
});

/** What stands before the first that is not so. */
function leading<Item>(items: Item[], isSo: (item: Item) => boolean): Item[] {
  const end = items.findIndex((item) => !isSo(item));
  return end < 0 ? items : items.slice(0, end);
}

/** Hours of none of these days. */
function uncovered(hours: Date[], days: RequestTokenStatistic[]): Date[] {
  const covered = new Set(days.map(({ beginsAt }) => beginsAt.getTime()));
  return hours.filter((hour) => !covered.has(dayOf(hour).getTime()));
}

/** Hours that follow each other, from the first to behind the last. */
function runsOf(hours: Date[]): [first: Date, end: Date][] {
  const runs: [first: Date, end: Date][] = [];
  for (const hour of hours) {
    const last = runs.at(-1);
    if (last && last[1].getTime() === hour.getTime()) last[1] = after(hour, HOUR_MS);
    else runs.push([hour, after(hour, HOUR_MS)]);
  }
  return runs;
}

/** The sums of a key, which are none at first. */
export function getOrMake(sums: Map<string, Sums>, key: string): Sums {
  const known = sums.get(key) ?? noSums();
  sums.set(key, known);
  return known;
}
