import type { Measure } from './measure.js';

/** Whether memory grows with the number of tokens that are issued in one go. */
export const memory: Measure = async ({ workbench, scale: { heapAfter }, say }) => {
  say(`memory: library issues ${Math.max(...heapAfter)} tokens`);
  await workbench.database('library').empty();
  const process = await workbench.start('library', ['--expose-gc']);
  const heaps = await process.run('heapAfter', heapAfter);
  return { memory: heapAfter.map((tokens, i) => ({ tokens, heapMegabytes: heaps[i] / 1e6 })) };
};
