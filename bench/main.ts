import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { inspectMachine } from './machine.js';
import { measures } from './measures/measures.js';
import type { Results } from './measures/results.js';
import { type BenchOptions, readOptions, USAGE, UsageError } from './options.js';
import { drawChart } from './report/chart.js';
import type { Report } from './report/report.js';
import { compareWithTargets } from './report/targets.js';
import { toText } from './report/text.js';
import { scaleOf } from './scale.js';
import { Workbench } from './workbench.js';

// Postgres and the subjects' processes end, and clean up, as soon as this process has ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await bench(options);
  else process.stdout.write(USAGE);
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

async function bench(options: BenchOptions): Promise<void> {
  const report = await measure(options);
  process.stdout.write(toText(report));
  if (options.out) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
  if (options.chart) await writeFile(options.chart, drawChart(report));
}

async function measure(options: BenchOptions): Promise<Report> {
  const workbench = await Workbench.open(options.cpuProf);
  say(`PostgreSQL runs in ${workbench.postgres.folder}`);
  try {
    const results: Results = { rows: [] };
    for (const name of options.only) {
      const { rows = [], ...others } = await measures[name]({ workbench, scale: scaleOf(options), say });
      results.rows.push(...rows);
      Object.assign(results, others);
      await workbench.stopAll();
    }
    const machine = await inspectMachine(workbench.postgres);
    return { machine, ...results, targets: compareWithTargets(results) };
  } finally {
    await workbench.close();
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
