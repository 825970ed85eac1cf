import type { Tasks } from './tasks.js';

type TaskName =
  'tokens' | 'deferredTokens' | 'issue' | 'issueMany' | 'issueManyDeferred' | 'signPayloads' | 'heapAfter';

/** A task for a subject's process: a method of {@link Tasks}. */
export type Command = { [Name in TaskName]: { task: Name; args: Parameters<Tasks[Name]> } }[TaskName];

export type ResultOf<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

/** What a subject's process says: once where it listens, then the result of each task. */
export type Report = { port: number } | { result: unknown } | { error: string };
