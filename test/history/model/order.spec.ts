import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findOrder, type Step } from './order.js';

const add = (begin: number, end: number, sum: number, rest: Partial<Step<number>> = {}): Step<number> => ({
  begin,
  end,
  name: `+${sum}`,
  apply: (state) => (state + sum < 0 ? `only ${state} left` : state + sum),
  ...rest,
});

const see = (begin: number, end: number, seen: number): Step<number> => ({
  begin,
  end,
  name: `see ${seen}`,
  apply: (state) => (state === seen ? state : `there are ${state}`),
});

const verdict = (...steps: Step<number>[]) => findOrder(0, steps, String);

describe('An order is found if there is one:', () => {
  const orders: [string, Step<number>[]][] = [
    ['of nothing', []],
    ['of what overlaps, whichever came first', [add(0, 10, -1), add(5, 15, 1)]],
    ['of what is seen in between', [add(0, 10, 1), add(0, 10, 1), see(0, 10, 1)]],
    ['without what may not have happened', [add(0, 10, 1, { isOptional: true }), see(20, 30, 0)]],
    ['with what may have happened', [add(0, 10, 1, { isOptional: true }), see(20, 30, 1)]],
    [
      'with what may have happened before something that came long after',
      [add(0, 10, 1), add(5, 15, -1, { isOptional: true }), see(6, 12, 1), see(20, 30, 0)],
    ],
    [
      'with the one that ends later, where it has to be the one that begins first',
      [
        add(0, 100, 1, { effect: 'add' }),
        add(20, 30, 1, { effect: 'add' }),
        add(5, 10, 1, { isOptional: true }),
        see(4, 15, 2),
        see(40, 50, 3),
      ],
    ],
  ];
  it.each(orders)('%s', (_, steps) => {
    expect(verdict(...steps)).toBe('explained');
  });
});

describe('There is no order', () => {
  const maybe = add(0, 10, 1, { isOptional: true });
  const none: [string, string, Step<number>[]][] = [
    ['of what is over before the other begins', '+-1: only 0 left', [add(0, 10, -1), add(15, 20, 1)]],
    ['in which somebody sees what never was', 'see 3: there are 2', [add(0, 10, 2), see(0, 10, 3)]],
    [
      'in which what may have happened comes too late',
      'see 1: there are 0',
      [see(12, 14, 0), maybe, see(20, 30, 1)],
    ],
    [
      'in which something follows on what has not happened',
      'see 1: there are 0',
      [maybe, see(12, 14, 0), add(0, 25, 1, { isOptional: true, after: maybe }), see(20, 30, 1)],
    ],
  ];
  it.each(none)('%s', (_, problem, steps) => {
    expect(verdict(...steps)).toEqual({ problem });
  });
});

describe('Of few steps', () => {
  /** Whether there is an order, tried the long way. */
  function isPossible(steps: Step<number>[], state = 0, time = 0, happened: Step<number>[] = []): boolean {
    const left = steps.filter((step) => !happened.includes(step));
    if (left.every(({ isOptional }) => isOptional)) return true;
    return left.some((step) => {
      const moment = Math.max(time, step.begin);
      if (moment > step.end || (step.after && !happened.includes(step.after))) return false;
      const next = step.apply(state);
      return typeof next === 'number' && isPossible(steps, next, moment, [...happened, step]);
    });
  }

  const moment = fc.integer({ min: 0, max: 6 });
  const times = fc
    .tuple(moment, moment)
    .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
  const step = fc.oneof(
    fc
      .tuple(times, fc.constantFrom(1, -1), fc.boolean())
      .map(([[begin, end], sum, isOptional]) =>
        add(begin, end, sum, { isOptional, effect: `${sum} ${isOptional}` }),
      ),
    fc.tuple(times, fc.integer({ min: 0, max: 2 })).map(([[begin, end], seen]) => see(begin, end, seen)),
  );

  it('the same is said as by trying all orders', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 7 }), (steps) => {
        expect(verdict(...steps) === 'explained').toBe(isPossible(steps));
      }),
      { numRuns: 3_000 },
    );
  });
});
