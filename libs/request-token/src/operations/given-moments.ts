/** @throws TypeError if one of these is given and no date, or they are in the wrong order */
export function assertMoments(call: string, given: object, [from, to]: readonly [string, string]): void {
  const [first, last] = [from, to].map((name) => {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && !(value instanceof Date && !Number.isNaN(value.getTime()))) {
      throw new TypeError(`${call}: ${name} must be a Date`);
    }
    return value;
  });
  if (first && last && first >= last) throw new TypeError(`${call}: ${from} must be before ${to}`);
}
