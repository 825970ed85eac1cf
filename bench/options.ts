import { parseArgs } from 'node:util';

export const MEASURES = [
  'redeem',
  'undecorated',
  'issue',
  'issueMany',
  'deferred',
  'bigTables',
  'memory',
  'race',
] as const;
export type MeasureName = (typeof MEASURES)[number];

export interface BenchOptions {
  only: readonly MeasureName[];
  /** Rounds in which the subjects alternate. */
  rounds: number;
  /** Tiny amounts, which tell whether everything works, and nothing about speed. */
  quick: boolean;
  /** File for the figures, as JSON. */
  out?: string;
  /** File for the chart, as SVG. */
  chart?: string;
  /** Folder for the CPU profiles of the subjects' servers. */
  cpuProf?: string;
}

export const USAGE = `Usage: npm run bench -- [options]

  --only <names>    measure only these, separated by commas: ${MEASURES.join(', ')}
  --rounds <n>      rounds in which the subjects alternate (default: 5)
  --quick           tiny amounts: a check that everything works, no measurement
  --out <file>      write the figures as JSON
  --chart <file>    draw the chart as SVG; needs redeem, issue and issueMany
  --cpu-prof <dir>  write CPU profiles of the subjects' servers
  --help            show this text
`;

export class UsageError extends Error {}

/** @returns nothing if only help is asked for */
export function readOptions(args: string[]): BenchOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const only = readMeasures(values.only);
  if (
    values.chart !== undefined &&
    !(['redeem', 'issue', 'issueMany'] as const).every((name) => only.includes(name))
  ) {
    throw new UsageError('--chart needs redeem, issue and issueMany');
  }
  return {
    only,
    rounds: readRounds(values.rounds) ?? (values.quick ? 2 : 5),
    quick: values.quick,
    out: values.out,
    chart: values.chart,
    cpuProf: values['cpu-prof'],
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        out: { type: 'string' },
        chart: { type: 'string' },
        'cpu-prof': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function readMeasures(list: string | undefined): readonly MeasureName[] {
  if (list === undefined) return MEASURES;
  return list.split(',').map((name) => {
    const measure = MEASURES.find((known) => known === name);
    if (!measure) throw new UsageError(`--only: '${name}' is not one of ${MEASURES.join(', ')}`);
    return measure;
  });
}

function readRounds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError('--rounds must be a whole number from 1 to 999');
  return Number(text);
}
