import { Injectable } from '@nestjs/common';

/** Whether the options are read. Who may be called while the app starts waits for it. */
@Injectable()
export class Readiness {
  private isReady = false;
  private resolve: () => void = () => undefined;
  private reject: (reason: unknown) => void = () => undefined;
  private readonly reading = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // Nest tells of it.
    this.reading.catch(() => undefined);
  }

  /** Undefined as soon as there is nothing to wait for. */
  get ready(): Promise<void> | undefined {
    return this.isReady ? undefined : this.reading;
  }

  reached(): void {
    this.isReady = true;
    this.resolve();
  }

  failed(reason: unknown): void {
    this.reject(reason);
  }
}
