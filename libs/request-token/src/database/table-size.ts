/** PostgreSQL reads and counts pages; this is what it is built with, as a rule. */
const PAGE_BYTES = 8_192;

/**
 * From so many pages on, to look up rows by an index is by far the cheapest, whatever the statistics say: the planner
 * knows how long the file of a table is at the moment. With PostgreSQL's own settings it changes its mind between 5 and
 * 9 pages for one row, and between 33 and 49 for an array, which it takes for one of ten.
 */
const BIG_PAGES = { one: 16, many: 64 };

/** What a plan is made for, and how long it is good. */
export interface PlanLife {
  /** Another number whenever plans have to be made anew; 0 while none may be kept. */
  readonly life: number;
}

/**
 * What is known of a table's size, as statements that read it report it. Plans that were made while it was big are
 * good as long as it is. Should it be emptied, plans are made for an empty one, and so those of its next life have
 * to be new ones.
 */
export class TableSize implements PlanLife {
  /** Counts the times that the table was found to have become big; 0 while it is not. */
  life = 0;
  private lives = 0;
  private readonly bigBytes: number;

  /** @param rows how many rows the statements look up at a time */
  constructor(rows: keyof typeof BIG_PAGES) {
    this.bigBytes = BIG_PAGES[rows] * PAGE_BYTES;
  }

  /** SQL: one row with the column `bytes`, which costs some microseconds. Of what is no table, a view, it is 0. */
  static sqlOf(table: string): string {
    const literal = table.replaceAll("'", "''");
    return `SELECT pg_relation_size('${literal}'::regclass)::text AS bytes`;
  }

  observe(bytes: number): void {
    if (bytes < this.bigBytes) this.life = 0;
    else if (this.life === 0) this.life = ++this.lives;
  }
}

/**
 * The same of a table that most apps leave empty, or nearly so. A plan that was made while it was small is good as long
 * as it is: to read all of it costs nothing then.
 */
export class SmallTableSize implements PlanLife {
  life = 1;
  private readonly big = new TableSize('one');

  observe(bytes: number): void {
    const wasBig = this.big.life > 0;
    this.big.observe(bytes);
    if (this.big.life > 0 !== wasBig) this.life += 1;
  }
}

/** Of a statement that looks rows up in both. No life is ever less than before, but 0, so that the sum tells of either. */
export const lifeOfBoth = (one: PlanLife, other: PlanLife): PlanLife => ({
  get life() {
    return one.life === 0 || other.life === 0 ? 0 : one.life + other.life;
  },
});
