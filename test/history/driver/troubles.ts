import { setTimeout } from 'node:timers/promises';
import type { PostgresServer } from '../../support/postgres-server.js';
import type { Dice } from './dice.js';
import type { Fleet } from './fleet.js';

const TROUBLES = { kill: 4, cut: 3, lostAnswer: 4, stall: 3, restart: 1 };
export type Trouble = keyof typeof TROUBLES;

/** Between two, in milliseconds. */
const PAUSE = [100, 900] as const;
const LONGEST_STALL_MS = 1_500;
const LONGEST_STOP_MS = 500;

/** Makes one trouble after the other, and counts them. */
export class Troubles {
  readonly counts: Record<Trouble, number> = { kill: 0, cut: 0, lostAnswer: 0, stall: 0, restart: 0 };

  constructor(
    private readonly fleet: Fleet,
    private readonly server: PostgresServer,
    private readonly dice: Dice,
  ) {}

  /** Resolves when all are overcome. */
  async goOn(isOver: () => boolean): Promise<void> {
    const overcome: Promise<void>[] = [];
    while (!isOver()) {
      await setTimeout(this.dice.between(...PAUSE));
      const trouble = this.dice.weighted(TROUBLES);
      const place = this.dice.between(0, this.fleet.places - 1);
      if (trouble === 'kill' && !this.fleet.canKill(place)) continue;
      this.counts[trouble] += 1;
      const made = this.make(trouble, place);
      // Another process takes its time to start, and troubles go on meanwhile.
      if (trouble !== 'kill') await made;
      else overcome.push(made);
      // If it does not start, that is told at the end.
      made.catch(() => undefined);
    }
    await Promise.all(overcome);
  }

  private async make(trouble: Trouble, place: number): Promise<void> {
    switch (trouble) {
      case 'kill':
        return this.fleet.kill(place);
      case 'cut':
        return this.fleet.cut(place);
      case 'lostAnswer':
        return this.fleet.loseAnswer(place);
      case 'stall':
        return this.fleet.stall(
          place,
          this.dice.anyOf(['requests', 'answers'] as const),
          this.dice.between(10, LONGEST_STALL_MS),
        );
      case 'restart': {
        const milliseconds = this.dice.between(0, LONGEST_STOP_MS);
        await this.server.stop();
        await setTimeout(milliseconds);
        return this.server.start();
      }
    }
  }
}
