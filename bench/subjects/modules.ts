import type { Type } from '@nestjs/common';
import type { SubjectName } from './subject.js';

/** A process loads its own subject only. */
export const SUBJECT_MODULES: Record<SubjectName, () => Promise<Type>> = {
  bare: async () => (await import('./bare.module.js')).BareModule,
  'hand-written': async () => (await import('./hand-written.module.js')).HandWrittenModule,
  'hand-written-atomic': async () =>
    (await import('./hand-written-atomic.module.js')).HandWrittenAtomicModule,
  library: async () => (await import('./library.module.js')).LibraryModule,
};
