/** Columns of rows that are given as a parameter, with their PostgreSQL types. */
export type Columns<Name extends string> = readonly (readonly [name: Name, type: string])[];

/**
 * SQL: the JSON of parameter `$index`, an array of objects, as rows. What is absent in an object is null.
 *
 * One parameter for any number of rows is less work for this process than an array for each column, and the
 * planner does not see how many there are: if it did, it would think a plan made for just that many the
 * better one, and make one each time, which takes longer than to run it.
 */
export function rows(columns: Columns<string>, index: number, alias = 'given'): string {
  const definitions = columns.map(([name, type]) => `"${name}" ${type}`);
  return `json_to_recordset($${index}::json) AS ${alias} (${definitions.join(', ')})`;
}

/** The parameter for {@link rows}; properties that are no columns are ignored. */
export const toJson = (values: object[]): string => JSON.stringify(values);
