import { setTimeout } from 'node:timers/promises';
import type { Call } from '../model/history.js';
import { factsOf } from '../model/token-kinds.js';
import type { Caller, VisitOptions } from './caller.js';
import type { Dice } from './dice.js';
import type { LiveToken, Place, Stock } from './stock.js';

/** How often a client does what, to a token of any kind, and to one that more can be done with. */
const ANY = {
  open: 40,
  revokeById: 1,
  revokeByUser: 1,
  change: 7,
  inspect: 7,
  releasePending: 0.5,
  maintain: 0.5,
};
const WITH_CONFIRM = { look: 7, press: 12, pressTwice: 8 };
const LOGGED = { commit: 7, rollBack: 5 };
type Deed = keyof typeof ANY | keyof typeof WITH_CONFIRM | keyof typeof LOGGED;

/** Long enough that nothing is under way any more, as a rule. */
const ABANDONED_MS = 2_000;

const LONGEST_HANDLER_MS = 30;

const PATIENCE_MS = 30;

/**
 * How often a token without a row is revoked while its first use writes the row: somebody else's revocation would
 * come in those few milliseconds once in hours. The transaction is kept open long enough for it.
 */
const REVOKED_MEANWHILE_SHARE = 0.5;
const FIRST_USE_MS = [40, 80] as const;
const UNTIL_REVOKED_MS = [0, 40] as const;

/** Does one thing after the other with tokens of the stock. What it does, the dice say. */
export class Client {
  constructor(
    private readonly caller: Caller,
    private readonly stock: Stock,
    private readonly dice: Dice,
    private readonly places: number,
  ) {}

  async goOn(isOver: () => boolean): Promise<void> {
    for (let step = 0; !isOver(); step++) {
      // Of its own, so that it is the same decision, whatever the one before has come to.
      const decision = new Decision(this.dice.fork(step), this.places);
      const place = this.stock.placeFor(decision.dice);
      if (this.stock.isDue(place)) await this.renew(place, decision);
      else if (place.token && !this.stock.isSpent(place)) await this.use(place.token, decision);
      else await setTimeout(5);
      // Whoever hears that nothing can be done now comes back a little later.
      if (place.token && isUnanswered(place.token.calls.at(-1))) await setTimeout(PATIENCE_MS);
    }
  }

  private async renew(place: Place, decision: Decision): Promise<void> {
    place.isBeingRenewed = true;
    const token = await this.caller.issue(decision.anyPlace(), place.plan);
    if (token) this.stock.put(place, token);
    place.isBeingRenewed = false;
    if (token && !factsOf(token.kind).isStored && decision.dice.isLucky(REVOKED_MEANWHILE_SHARE)) {
      await this.revokeMeanwhile(token, decision);
    }
  }

  private async revokeMeanwhile(token: LiveToken, decision: Decision): Promise<void> {
    const { caller } = this;
    const { dice } = decision;
    const used = caller.redeem(decision.anyPlace(), token, 'commit', dice.between(...FIRST_USE_MS));
    await setTimeout(dice.between(...UNTIL_REVOKED_MS));
    await caller.revoke(decision.anyPlace(), token, dice.anyOf(['id', 'user'] as const));
    await used;
    await caller.visit(decision.anyPlace(), token, decision.anyVisit('direct'));
  }

  private async use(token: LiveToken, decision: Decision): Promise<unknown> {
    const { routes, isLogged } = factsOf(token.kind);
    const { caller } = this;
    const { dice } = decision;
    const deed = dice.weighted<Deed>({
      ...ANY,
      ...(routes.confirm && WITH_CONFIRM),
      ...(isLogged && LOGGED),
    });
    const place = decision.anyPlace();
    switch (deed) {
      case 'open':
        return caller.visit(place, token, decision.anyVisit('direct'));
      case 'press':
        return caller.visit(place, token, decision.anyVisit('confirm'));
      case 'pressTwice': {
        const press = decision.anyVisit('confirm');
        const other = dice.isLucky(0.5) ? place : decision.anyPlace();
        return Promise.all([caller.visit(place, token, press), caller.visit(other, token, press)]);
      }
      case 'look':
        return caller.look(place, token);
      case 'commit':
        return caller.redeem(place, token, 'commit', decision.anyTime());
      case 'rollBack':
        return caller.redeem(place, token, 'rollback', decision.anyTime());
      case 'revokeById':
        return caller.revoke(place, token, 'id');
      case 'revokeByUser':
        return caller.revoke(place, token, 'user');
      case 'change':
        return caller.change(
          place,
          token,
          dice.isLucky(0.4)
            ? { isExpired: dice.isLucky(0.4) }
            : { maxUses: dice.anyOf([1, 2, 3, 5, 8, null]) },
        );
      case 'inspect':
        return caller.inspect(place, token);
      case 'releasePending':
        return caller.releasePending(place, ABANDONED_MS);
      case 'maintain':
        return caller.releasePending(place, ABANDONED_MS, 'maintain');
    }
  }
}

const isUnanswered = (call: Call | undefined): boolean =>
  call !== undefined &&
  (call.answer === undefined ||
    (typeof call.answer === 'object' && 'status' in call.answer && call.answer.status === 503));

/** What one decision is made of. */
class Decision {
  constructor(
    readonly dice: Dice,
    private readonly places: number,
  ) {}

  anyVisit(route: VisitOptions['route']): VisitOptions {
    return {
      route,
      told: this.dice.isLucky(0.35) ? 'fail' : 'succeed',
      takeMs: this.anyTime(),
      leaveAfterMs: this.dice.isLucky(0.05) ? this.dice.between(1, LONGEST_HANDLER_MS) : undefined,
    };
  }

  anyTime(): number {
    return this.dice.isLucky(0.5) ? 0 : this.dice.between(1, LONGEST_HANDLER_MS);
  }

  anyPlace(): number {
    return this.dice.between(0, this.places - 1);
  }
}
