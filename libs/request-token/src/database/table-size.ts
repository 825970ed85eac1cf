/**
 * From here on, to look up a row by an index is by far the cheapest, whatever the statistics say: the planner
 * knows how long the file of a table is at the moment. Where it changes its mind is at a third of this, with
 * PostgreSQL's own settings.
 */
const BIG_BYTES = 1024 * 1024;

/**
 * What is known of a table's size, as statements that read it report it. Plans that were made while it was big are
 * good as long as it is. Should it be emptied, plans are made for an empty one, and so those of its next life have
 * to be new ones.
 */
export class TableSize {
  /** Counts the times that the table was found to have become big; 0 while it is not. */
  life = 0;
  private lives = 0;

  /** SQL: one row with the column `bytes`, which costs some microseconds. Of what is no table, a view, it is 0. */
  static sqlOf(table: string): string {
    const literal = table.replaceAll("'", "''");
    return `SELECT pg_relation_size('${literal}'::regclass)::text AS bytes`;
  }

  observe(bytes: number): void {
    if (bytes < BIG_BYTES) this.life = 0;
    else if (this.life === 0) this.life = ++this.lives;
  }
}
