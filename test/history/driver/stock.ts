import { type TokenKind, TOKEN_KINDS } from '../model/token-kinds.js';
import type { Call, TokenHistory } from '../model/history.js';
import type { Dice } from './dice.js';

/** A token that clients use, and what they have done with it. */
export interface LiveToken {
  id: string;
  jwt: string;
  user: number;
  kind: TokenKind;
  issued: TokenHistory['issued'];
  calls: Call[];
}

/** How a token is going to be: drawn before it is issued. */
export interface TokenPlan {
  kind: TokenKind;
  maxUses: number | null;
  /** After so many calls, another takes its place. */
  lifetime: number;
}

/** One of the few tokens that are used at a time. */
export interface Place {
  plan: TokenPlan;
  token?: LiveToken;
  isBeingRenewed: boolean;
}

/** How often a token is drawn that is used slowly; so it lives for many troubles. */
const CALM_SHARE = 0.04;

/** While another is being issued, clients go on with it. */
const GRACE_CALLS = 5;

const KIND_SHARES = Object.fromEntries(
  Object.entries(TOKEN_KINDS).map(([kind, { share }]) => [kind, share]),
) as Record<TokenKind, number>;

export class Stock {
  /** All that were ever issued. */
  readonly tokens: LiveToken[] = [];
  private readonly places: Place[];

  constructor(
    size: number,
    private readonly dice: Dice,
  ) {
    this.places = Array.from({ length: size }, () => ({ plan: this.draw(), isBeingRenewed: false }));
  }

  /** Half of them are drawn often, so that clients get in each other's way. */
  placeFor(dice: Dice): Place {
    const busy = Math.ceil(this.places.length / 2);
    const isCalm = dice.isLucky(CALM_SHARE) && busy < this.places.length;
    return this.places[isCalm ? dice.between(busy, this.places.length - 1) : dice.between(0, busy - 1)];
  }

  isDue({ token, plan, isBeingRenewed }: Place): boolean {
    return !isBeingRenewed && (!token || token.calls.length >= plan.lifetime);
  }

  /** Another should have taken its place, and none could be issued: of more calls nobody could tell what they came to. */
  isSpent({ token, plan }: Place): boolean {
    return token !== undefined && token.calls.length >= plan.lifetime + GRACE_CALLS;
  }

  put(place: Place, token: LiveToken): void {
    this.tokens.push(token);
    place.token = token;
    place.plan = this.draw();
  }

  private draw(): TokenPlan {
    return {
      kind: this.dice.weighted(KIND_SHARES),
      maxUses: this.dice.anyOf([1, 1, 2, 2, 3, 5, 8, null]),
      lifetime: this.dice.between(5, 40),
    };
  }
}
