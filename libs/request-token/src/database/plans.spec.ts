import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Plans } from './plans.js';
import { plannedEachTime, prepared, preparedWhileBig } from './statement.js';
import { lifeOfBoth, SmallTableSize, TableSize } from './table-size.js';

const BIG = 2 ** 30;

describe('Plans', () => {
  let plans: Plans;
  let warn: jest.SpiedFunction<Logger['warn']>;
  beforeEach(() => {
    plans = new Plans();
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
  });
  afterEach(() => warn.mockRestore());

  it('are kept of what looks at no table, and never of what is to be planned each time', () => {
    expect(plans.of(prepared('INSERT'))).toMatchObject({
      text: 'INSERT',
      name: expect.stringMatching(/^request_token_/),
    });
    expect(plans.of(plannedEachTime('UPDATE'))).toEqual({ text: 'UPDATE' });
  });

  it('have names that are made of their texts', () => {
    const [one, same, other] = ['A', 'A', 'B'].map((text) => new Plans().of(prepared(text)).name);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });

  it('are kept of what looks rows up while the table is big; and those from before it was emptied are not used again', () => {
    const size = new TableSize('many');
    const find = preparedWhileBig('SELECT', size);
    expect(plans.of(find)).toEqual({ text: 'SELECT' });
    size.observe(BIG);
    const first = plans.of(find);
    expect(first.name).toBeDefined();
    size.observe(BIG + 8_192);
    expect(plans.of(find)).toBe(first);
    size.observe(0);
    expect(plans.of(find)).toEqual({ text: 'SELECT' });
    size.observe(BIG);
    const second = plans.of(find);
    expect(second.name).toBeDefined();
    expect(second.name).not.toBe(first.name);
    // A pooler may keep one plan for each text.
    expect(second.text).not.toBe(first.text);
  });

  it('of two tables are made anew whenever one of them has become big, or small again', () => {
    const [tokens, revocations] = [new TableSize('many'), new SmallTableSize()];
    const take = preparedWhileBig('SELECT', lifeOfBoth(tokens, revocations));
    expect(plans.of(take)).toEqual({ text: 'SELECT' });
    const names = [
      () => tokens.observe(BIG),
      () => revocations.observe(8_192),
      () => revocations.observe(BIG),
      () => revocations.observe(2 * BIG),
      () => revocations.observe(0),
    ].map((observe) => {
      observe();
      return plans.of(take).name;
    });
    expect(names.every((name) => name !== undefined)).toBe(true);
    expect([names[1], names[3]]).toEqual([names[0], names[2]]);
    expect(new Set(names).size).toBe(3);
    tokens.observe(0);
    expect(plans.of(take)).toEqual({ text: 'SELECT' });
  });

  it('that are lost are made anew, under another name', () => {
    const find = prepared('SELECT');
    const first = plans.of(find).name!;
    plans.lost(find, first);
    const second = plans.of(find).name;
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
    // By others that were under way.
    for (let n = 0; n < 10; n++) plans.lost(find, first);
    expect(plans.of(find).name).toBe(second);
    expect(warn).not.toHaveBeenCalled();
  });

  it('are kept no more when they are lost again and again, and one warning says so', () => {
    const [find, insert] = [prepared('SELECT'), prepared('INSERT')];
    for (let n = 0; n < 5; n++) plans.lost(find, plans.of(find).name ?? '');
    expect(plans.of(find)).toEqual({ text: 'SELECT' });
    expect(plans.of(insert)).toEqual({ text: 'INSERT' });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('are kept although they are lost now and then', () => {
    const find = prepared('SELECT');
    for (let n = 0; n < 20; n++) {
      plans.lost(find, plans.of(find).name!);
      for (let execution = 0; execution < 100; execution++) plans.worked(find);
    }
    expect(plans.of(find).name).toBeDefined();
    expect(warn).not.toHaveBeenCalled();
  });
});
