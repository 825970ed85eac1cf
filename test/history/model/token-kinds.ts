import type { IssueOptions } from 'nestjs-request-token';

/** What differs between kinds of tokens. A further kind is added here. */
interface KindFacts {
  /** For `issue`, besides what is drawn for each token. */
  options: Partial<IssueOptions>;
  /** Where its requests go. */
  routes: { direct: string; confirm?: string };
  /** Whether these routes log uses. */
  isLogged: boolean;
  /** Whether there is a row before the first use. */
  isStored: boolean;
  /** How many in a hundred tokens are of this kind. */
  share: number;
}

export const TOKEN_KINDS = {
  logged: {
    options: {},
    routes: { direct: 'direct', confirm: 'confirm' },
    isLogged: true,
    isStored: true,
    share: 55,
  },
  /** Its first use writes its row. */
  deferred: {
    options: { deferred: true, expiresIn: '1h' },
    routes: { direct: 'direct', confirm: 'confirm' },
    isLogged: true,
    isStored: false,
    share: 30,
  },
  /** What was not logged cannot be told from others, so that less can be said of it. */
  unlogged: {
    options: {},
    routes: { direct: 'unlogged' },
    isLogged: false,
    isStored: true,
    share: 15,
  },
} as const satisfies Record<string, KindFacts>;

export type TokenKind = keyof typeof TOKEN_KINDS;

export const factsOf = (kind: TokenKind): KindFacts => TOKEN_KINDS[kind];
