/** Columns of rows that are given as parameters, with their PostgreSQL types. */
export type Columns<Name extends string> = readonly (readonly [name: Name, type: string])[];

/**
 * SQL: the parameters from `$first` on, an array for each column, as rows that `nr` numbers from 1.
 *
 * Behind SELECT the planner does not see how long the arrays are. If it did, it would think a plan made for
 * these very arrays the better one, and make one each time, which takes longer than to run it.
 */
export function rows(columns: Columns<string>, first = 1, alias = 'given'): string {
  const arrays = columns.map(([, type], index) => `(SELECT $${first + index}::${type}[])`);
  const names = columns.map(([name]) => `"${name}"`);
  return `unnest(${arrays.join(', ')}) WITH ORDINALITY AS ${alias} (${names.join(', ')}, nr)`;
}

/** The parameters for {@link rows}; what is absent is null. */
export const arraysOf = <Name extends string>(
  columns: Columns<Name>,
  values: { [Key in Name]?: unknown }[],
): unknown[][] => columns.map(([name]) => values.map((value) => value[name] ?? null));
