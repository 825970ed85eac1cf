import { text } from 'node:stream/consumers';
import { UsageError } from './exit-code.js';

/** A link as it was given; `-` reads it from standard input, where no list of processes and no history has it. */
export async function linkOf(given: string): Promise<string> {
  const link = (given === '-' ? await text(process.stdin) : given).trim();
  if (link === '') throw new UsageError('There is no link on standard input.');
  return link;
}

/** For options of commander. */
export function dateOf(given: string): Date {
  const date = new Date(given);
  if (Number.isNaN(date.getTime())) throw new UsageError(`${given} is no date, such as 2027-03-01.`);
  return date;
}

export function numberOf(given: string): number {
  const number = Number(given);
  if (given.trim() === '' || Number.isNaN(number)) throw new UsageError(`${given} is no number.`);
  return number;
}
