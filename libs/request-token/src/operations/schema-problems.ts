import type { EntityMetadata } from 'typeorm';
import { columnType } from '../database/column-types.js';

/** A table that is needed, as the app's DataSource knows it. */
interface Expected {
  /** As SQL has it, with the schema if the DataSource has one. */
  table: string;
  metadata: EntityMetadata;
  /** The name of the migration that makes the table. */
  migration: string;
  /** The names of those that have added columns since, by property. */
  later: ReadonlyMap<string, string>;
}

/** One for each column of a table; of a table that is not there, one without column. */
export interface CatalogRow {
  table: string;
  column: string | null;
  /** Null for a type that is neither PostgreSQL's own nor an enumeration: what it can do is unknown. */
  type: string | null;
  searchPath: string;
  /** That of the database. */
  encoding: string;
}

export interface SchemaProblem {
  text: string;
  /** The names of those that would mend it. */
  migrations: string[];
}

/**
 * SQL: {@link CatalogRow}s of the tables `$1`, in whatever schema statements find them. Not from information_schema,
 * which leaves out what the role has no rights on. A view may be in the place of a table.
 */
export const SELECT_CATALOG = `
  SELECT given."table", attribute.attname::text AS "column",
    CASE WHEN type.typnamespace = 'pg_catalog'::regnamespace OR type.typtype = 'e' THEN type.typname::text END AS "type",
    array_to_string(current_schemas(false), ', ') AS "searchPath",
    current_setting('server_encoding') AS "encoding"
  FROM unnest($1::text[]) AS given ("table")
  LEFT JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = to_regclass(given."table") AND attribute.attnum > 0 AND NOT attribute.attisdropped
  LEFT JOIN pg_catalog.pg_type AS declared ON declared.oid = attribute.atttypid
  LEFT JOIN pg_catalog.pg_type AS type
    ON type.oid = CASE declared.typtype WHEN 'd' THEN declared.typbasetype ELSE declared.oid END`;

/** What of a table is not there, or cannot work. */
export function problemsOf(
  { table, metadata, migration, later }: Expected,
  rows: CatalogRow[],
): SchemaProblem[] {
  const found = rows.filter((row) => row.table === table);
  if (found.every(({ column }) => column === null)) {
    const path = metadata.schema ? '' : ` (in the search path, ${found[0]?.searchPath || 'which is empty'})`;
    return [missing(`there is no table ${table}${path}`, [migration, ...later.values()])];
  }
  const types = new Map(found.map(({ column, type }) => [column, type]));
  return metadata.columns.flatMap(({ propertyName, databaseName, type: declared, isVirtual }) => {
    if (isVirtual) return [];
    const type = types.get(databaseName);
    if (type === undefined) {
      return [missing(`${table} has no column "${databaseName}"`, [later.get(propertyName) ?? migration])];
    }
    const fitting = columnType(String(declared)).columns;
    if (type === null || fitting.includes(type)) return [];
    return [
      { text: `"${databaseName}" of ${table} is of type ${type}: make it ${fitting[0]}`, migrations: [] },
    ];
  });
}

function missing(text: string, makers: string[]): SchemaProblem {
  const migrations = Array.from(new Set(makers));
  const make =
    migrations.length > 1
      ? `migrations ${migrations.join(', ')} make it`
      : `migration ${migrations[0]} makes it`;
  return { text: `${text}: ${make}`, migrations };
}
