/** How many rows a page reads to find those that a filter without an index lets through. */
export const MOST_READ = 10_000;

/** Of each row of a page: how many rows were read for it, and the id of the last of them. */
export interface ReadForPage {
  readRows: string;
  lastRead: string | null;
}

/**
 * SQL: the first rows of what was read that a condition lets through, and how far it was read; a row of nothing but that
 * if it lets none through.
 *
 * @param read SQL: selects rows with a text `id`, the newest first
 */
export const pageOf = (read: string, condition: string, limit: string): string => `
      WITH read AS MATERIALIZED (${read}
      ), page AS MATERIALIZED (
        SELECT * FROM read WHERE ${condition} ORDER BY "id" DESC LIMIT ${limit}
      )
      SELECT extent.*, page.*
      FROM (SELECT count(*)::text AS "readRows", min("id") AS "lastRead" FROM read) AS extent
      LEFT JOIN page ON true ORDER BY page."id" DESC`;
