/** Conditions on columns, and the values of their parameters. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly texts: string[] = [];

  /** @param condition SQL, of the number of a parameter; left out if there is no value */
  add(value: unknown, condition: (parameter: string) => string): this {
    if (value !== undefined) this.texts.push(condition(this.parameter(value)));
    return this;
  }

  /** Its number, as SQL has it. */
  parameter(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** SQL: all of them are true. */
  toString(): string {
    return this.texts.length > 0 ? this.texts.join(' AND ') : 'true';
  }
}
