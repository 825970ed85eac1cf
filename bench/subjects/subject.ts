export const SUBJECTS = ['bare', 'hand-written', 'hand-written-atomic', 'library'] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** Those that know tokens. */
export const TOKEN_SUBJECTS = ['hand-written', 'hand-written-atomic', 'library'] as const;
export type TokenSubjectName = (typeof TOKEN_SUBJECTS)[number];

/** How a subject issues tokens; provided by its module. Every token is good for one use of {@link REDEEM_PATH}. */
export abstract class Issuing {
  /** Resolves to the JWT once its row is durable. */
  abstract issue(user: string): Promise<string>;

  /** The JWTs in the order of their users. */
  abstract issueMany(users: Iterable<string>): AsyncIterable<string>;

  /** Of tokens that have no row before their first use, where there are such. */
  issueManyDeferred?(users: Iterable<string>): AsyncIterable<string>;
}

/** Where every subject has the route that tokens are for; to `bare`, what they are is all the same. */
export const REDEEM_PATH = '/redeem';

/** Where every subject has a route without tokens. */
export const UNDECORATED_PATH = '/undecorated';

export const PARAMETER = 'rt';
export const SCOPE = 'newsletter';
export const SECRET = 'a secret for the bench that has more than 32 bytes';
export const BATCH_SIZE = 1_000;

/** All of them work in one month, as a token in a mail may. */
export const LIFETIME_DAYS = 30;

/** What every route answers. */
export const ANSWER = { done: true };
