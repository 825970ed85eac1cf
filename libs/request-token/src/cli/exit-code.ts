/** What a process ends with. */
export enum ExitCode {
  Fine = 0,
  /** A link does not work, a check fails, or the command could not be carried out. */
  Failed = 1,
  WrongUsage = 2,
}

/** Tells how a command ended, if it ended otherwise than well. */
export type EndWith = (code: ExitCode) => void;

/** The command was given something wrong. */
export class UsageError extends Error {}
