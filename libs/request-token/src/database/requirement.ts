import { Injectable } from '@nestjs/common';

/** Sends SQL, and gives the rows: over a connection of the pool, or in somebody's transaction. */
export type Ask = <Row>(sql: string, values: unknown[]) => Promise<Row[]>;

/** Fails as long as it is not so. */
export type Check = (ask: Ask) => Promise<void>;

/**
 * What has to be so before statements are sent: that there are tables, say, of which this folder knows nothing. It is
 * asked until it is found so; from then on, never again.
 */
@Injectable()
export class Requirement {
  private check?: Check;
  private asking?: Promise<void>;

  get isMet(): boolean {
    return this.check === undefined;
  }

  is(check: Check): void {
    this.check = check;
  }

  /** @throws whatever the check throws */
  async assertMet(ask: Ask): Promise<void> {
    await this.check?.(ask);
    this.check = undefined;
  }

  /** As {@link assertMet}, once for all who come at the same time. */
  assertMetForAll(ask: Ask): Promise<void> {
    return (this.asking ??= this.assertMet(ask).finally(() => (this.asking = undefined)));
  }
}
