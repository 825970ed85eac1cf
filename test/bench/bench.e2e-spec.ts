import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../bench/report/report.js';
import { waitFor } from '../support/wait-for.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tether = new URL('../support/die-with-parent.js', import.meta.url).href;

/** Where the bench says that its Postgres runs. */
function postgresFolder(stderr: string): string {
  const [, folder] = /^PostgreSQL runs in (.+)$/m.exec(stderr) ?? [];
  if (!folder) throw new Error(`No folder is named: ${stderr}`);
  return folder;
}

interface End {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `npm test` has built it. */
const start = (args: string[]) =>
  spawn(process.execPath, ['--import', tether, 'dist/bench/main.js', ...args], { cwd: root, stdio: 'pipe' });

/** Runs the bench to its end. */
async function bench(...args: string[]): Promise<End> {
  const child = start(args);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

const TOKEN_SUBJECTS = ['hand-written', 'hand-written-atomic', 'library'];

describe('npm run bench -- --quick', () => {
  let folder: string;
  let end: End;
  let report: Report;
  let chart: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
    const [out, svg] = [join(folder, 'figures.json'), join(folder, 'chart.svg')];
    end = await bench('--quick', '--out', out, '--chart', svg);
    if (end.code !== 0) throw new Error(`The bench failed: ${end.stderr}`);
    report = JSON.parse(await readFile(out, 'utf8')) as Report;
    chart = await readFile(svg, 'utf8');
  }, 240_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['redeem', [32, 8, 1], ['bare', ...TOKEN_SUBJECTS]],
    ['undecorated', [32], ['bare', 'library']],
    ['issue', [1, 64], TOKEN_SUBJECTS],
    ['issueMany', [1], TOKEN_SUBJECTS],
  ])('measures %s of every subject', (measure, connections, subjects) => {
    const measured = report.rows
      .filter((row) => row.measure === measure)
      .map((row) => `${row.subject} ${row.connections}`);
    expect(measured.sort()).toEqual(
      connections.flatMap((count) => subjects.map((subject) => `${subject} ${count}`)).sort(),
    );
  });

  it('gives figures that can be true', () => {
    for (const { min, median, max, ratio } of report.rows) {
      expect(min).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(min);
      expect(max).toBeGreaterThanOrEqual(median);
      expect(ratio).toBeGreaterThan(0);
    }
  });

  it('compares with the bare route, and issuing with what is written by hand', () => {
    const baselines = report.rows.filter(({ measure, subject }) =>
      measure.startsWith('issue') ? subject === 'hand-written-atomic' : subject === 'bare',
    );
    expect(baselines.map(({ ratio }) => ratio)).toEqual(baselines.map(() => 1));
  });

  it('finds every use of a redeemed token settled', () => {
    // Otherwise it fails; here is only seen that it looked.
    const redeemed = report.rows.filter(({ measure, subject }) => measure === 'redeem' && subject !== 'bare');
    for (const { settled } of redeemed) expect(settled).toBeGreaterThan(0);
  });

  it('lets one of 64 requests through that race for one use over two processes', () => {
    const accepted = new Map(report.races?.map((races) => [races.subject, races.accepted]));
    expect([...accepted.keys()].sort()).toEqual(TOKEN_SUBJECTS);
    expect(new Set(accepted.get('library'))).toEqual(new Set([1]));
    expect(new Set(accepted.get('hand-written-atomic'))).toEqual(new Set([1]));
  });

  it('says on what it ran, with commits that are durable', () => {
    const { machine } = report;
    expect(machine).toMatchObject({ node: process.version, fsync: 'on', synchronousCommit: 'on' });
    expect(end.stdout).toContain(machine.cpu);
  });

  it('prints a table, and draws a chart', () => {
    expect(end.stdout).toMatch(/^\| redeem +\| +32 \| library /m);
    expect(chart).toMatch(/^<svg [\s\S]*<\/svg>$/);
  });

  it('leaves nothing behind', () => {
    expect(existsSync(postgresFolder(end.stderr))).toBe(false);
  });
});

describe('npm run bench', () => {
  it.each([
    [['--fast'], /--fast/],
    [['--only', 'redeem,speed'], /'speed' is not one of redeem, /],
    [['--rounds', '0'], /--rounds must be/],
    [['--quick', '--only', 'race', '--chart', 'chart.svg'], /--chart needs/],
    [['redeem'], /redeem/],
  ])('refuses %j, and says how it is used', async (args, message) => {
    const { code, stderr } = await bench(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Usage: npm run bench');
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'leaves nothing behind when it ends by %s',
    async (signal) => {
      const child = start(['--quick', '--only', 'race']);
      // Its processes share this pipe, so that it closes when the last of them has ended.
      const closed = once(child, 'close');
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
      await waitFor(
        () => stderr.includes('race: hand-written accepted') || undefined,
        () => `a race. It wrote: ${stderr}`,
      );
      child.kill(signal);
      await closed;
      const folder = postgresFolder(stderr);
      await waitFor(
        () => !existsSync(folder) || undefined,
        () => `the end of ${folder}`,
      );
    },
    60_000,
  );
});
