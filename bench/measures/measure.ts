import type { Scale } from '../scale.js';
import type { Workbench } from '../workbench.js';
import type { Results } from './results.js';

export interface MeasureContext {
  workbench: Workbench;
  scale: Scale;
  /** Says what is being done. */
  say: (text: string) => void;
}

/** Leaves its processes to be stopped by whoever called it. */
export type Measure = (context: MeasureContext) => Promise<Partial<Results>>;
