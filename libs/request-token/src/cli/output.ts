const { stdout } = process;

/**
 * Standard output is for what a command says. What the app prints there, as TypeORM's logging, pino and console.log do,
 * goes to standard error, or no program could read the JSON.
 */
export function keepOutput(): void {
  Object.defineProperty(process, 'stdout', { value: process.stderr });
}

/** What a command says. */
export const write = (text: string): boolean => stdout.write(text);

/** Prints one JSON document, or lines for people. */
export function print(isJson: boolean | undefined, value: unknown, lines: () => string[]): void {
  write(isJson ? `${JSON.stringify(value, null, 2)}\n` : `${lines().join('\n')}\n`);
}

/** Columns, as wide as they have to be. */
export function columns(rows: string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index]))
      .join('  ')
      .trimEnd(),
  );
}

export const timeOf = (moment: Date | null): string => moment?.toISOString() ?? '-';

/** Says how it goes, to people who wait; nothing to programs. */
export async function whileWaiting<Result>(text: string, work: Promise<Result>): Promise<Result> {
  if (!process.stderr.isTTY) return work;
  const startedAt = Date.now();
  const tell = () => process.stderr.write(`\r${text} ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  const timer = setInterval(tell, 1_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    process.stderr.write('\r\x1b[K');
  }
}
