import type { LoggerService } from '@nestjs/common';

/** A logger that keeps what it is told. */
export class LogKeeper implements LoggerService {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  log(): void {}

  error(message: unknown): void {
    this.errors.push(String(message));
  }

  warn(message: unknown): void {
    this.warnings.push(String(message));
  }
}
