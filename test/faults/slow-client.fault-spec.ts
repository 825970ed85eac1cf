import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from './support/app-process.js';
import { Harness } from './support/harness.js';
import { Visit, visitAll } from './support/visit.js';

const CLIENTS = 4;

describe('While clients do not read their answers', () => {
  let harness: Harness;
  let app: AppProcess;
  beforeAll(async () => {
    harness = await Harness.open();
    app = await harness.startApp();
  });
  afterAll(() => harness.close());

  const openStreams = async () => {
    const links = await harness.issueMany(CLIENTS);
    const streams = links.map((link) => new Visit(app, link, 'stream', { reads: false }));
    await Promise.all(streams.map(({ answering }) => answering));
    return streams;
  };

  const outcomesOf = async (visits: Visit[]) => {
    const outcomes = await harness.outcomes();
    return visits.map(({ id }) => outcomes.get(id));
  };

  it.each([
    ['read them in the end', (stream: Visit) => stream.read(), { outcome: 'used', statusCode: 200 }],
    ['leave in the middle', (stream: Visit) => stream.leave(), { outcome: 'used', statusCode: null }],
  ])('others are served, and the uses are settled when they %s', async (_, end, settled) => {
    const streams = await openStreams();
    expect(await visitAll(app, await harness.issueMany(20))).toEqual(Array(20).fill(200));
    expect(await outcomesOf(streams)).toEqual(streams.map(() => ({ outcome: 'pending', statusCode: null })));

    for (const stream of streams) await end(stream);
    await harness.settled();
    expect(await outcomesOf(streams)).toEqual(streams.map(() => settled));
    expect(await harness.violations()).toEqual([]);
  });
});
