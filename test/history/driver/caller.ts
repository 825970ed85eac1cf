import { Agent, request } from 'undici';
import { monotonicMs } from '../../support/monotonic.js';
import type { Answer, Call, PendingRelease } from '../model/history.js';
import { factsOf } from '../model/token-kinds.js';
import type { Fleet, Member } from './fleet.js';
import type { LiveToken, TokenPlan } from './stock.js';

/** Longer than anything takes that still answers. */
const ANSWER_TIMEOUT_MS = 30_000;

interface Asked {
  method: 'GET' | 'POST';
  path: string;
  /** The call. */
  id: string;
  body?: object;
  /** When the client leaves. */
  leaveAfterMs?: number;
}

interface Reply {
  process: number;
  begin: number;
  end: number;
  status?: number;
  body: Record<string, unknown>;
}

export interface VisitOptions {
  route: 'direct' | 'confirm';
  told: 'succeed' | 'fail';
  takeMs: number;
  leaveAfterMs?: number;
}

type WithoutFacts<Kind extends Call['kind']> = Omit<
  Extract<Call, { kind: Kind }>,
  'id' | 'tokenId' | 'process' | 'begin' | 'end' | 'answer'
>;

/** Calls processes, and writes down each call with the moments between which it was under way. */
export class Caller {
  readonly releases: PendingRelease[] = [];
  calls = 0;
  private agent = newAgent();

  constructor(private fleet: Fleet) {}

  /** Goes on with other processes. */
  moveTo(fleet: Fleet): void {
    this.fleet = fleet;
    this.agent = newAgent();
  }

  /** Ends its connections. Processes that are told to end wait for one on which nothing was asked yet. */
  hangUp(): Promise<void> {
    return this.agent.destroy();
  }

  /** Undefined if there is no answer, or no token. */
  async issue(place: number, { kind, maxUses }: TokenPlan): Promise<LiveToken | undefined> {
    const id = this.nextId();
    // A number of its own, so that to revoke what a user has is to revoke this token.
    const user = this.calls;
    const options = { user, maxUses, ...factsOf(kind).options };
    const { begin, end, status, body } = await this.ask(place, {
      method: 'POST',
      path: 'tokens/issue',
      id,
      body: options,
    });
    if (status !== 201) return undefined;
    const { id: tokenId, jwt } = body as { id: string; jwt: string };
    return { id: tokenId, jwt, user, kind, issued: { begin, end, maxUses }, calls: [] };
  }

  async visit(place: number, token: LiveToken, options: VisitOptions): Promise<void> {
    const { route, told, takeMs, leaveAfterMs } = options;
    const path = factsOf(token.kind).routes[route];
    const method = route === 'confirm' ? 'POST' : 'GET';
    const id = this.nextId();
    const query = new URLSearchParams({ rt: token.jwt, told, takeMs: String(takeMs) });
    const reply = await this.ask(place, { method, path: `${path}?${query.toString()}`, id, leaveAfterMs });
    this.note<'visit'>(token, id, reply, { kind: 'visit', name: `${method} ${path}`, told }, answerIn(reply));
  }

  async look(place: number, token: LiveToken): Promise<void> {
    const id = this.nextId();
    const { confirm } = factsOf(token.kind).routes;
    const reply = await this.ask(place, { method: 'GET', path: `${confirm}?rt=${token.jwt}`, id });
    this.note<'look'>(token, id, reply, { kind: 'look' }, answerIn(reply));
  }

  async redeem(place: number, token: LiveToken, told: 'commit' | 'rollback', takeMs: number): Promise<void> {
    const id = this.nextId();
    const body = { jwt: token.jwt, told, takeMs };
    const reply = await this.ask(place, { method: 'POST', path: 'tokens/redeem', id, body });
    const answer = answerIn(reply);
    // Not the library's: a transaction whose database is lost fails as any other.
    const isLost = answer && ![201, 403].includes(answer.status);
    const known = answer && (answer.status === 201 ? { status: 200 } : answer);
    this.note<'redeem'>(token, id, reply, { kind: 'redeem', told }, isLost ? undefined : known);
  }

  async revoke(place: number, token: LiveToken, by: 'id' | 'user'): Promise<void> {
    const { id, user } = token;
    await this.askAbout<'revoke'>(
      place,
      token,
      'revoke',
      { kind: 'revoke', by },
      by === 'id' ? { id } : { user },
    );
  }

  async change(place: number, token: LiveToken, to: WithoutFacts<'change'>['to']): Promise<void> {
    await this.askAbout<'change'>(place, token, 'change', { kind: 'change', to }, { id: token.id, to });
  }

  async inspect(place: number, token: LiveToken): Promise<void> {
    await this.askAbout<'inspect'>(place, token, 'inspect', { kind: 'inspect' }, { jwt: token.jwt });
  }

  /**
   * @param by what gives them back: `maintain` does more, of which tokens that are alive must not feel anything
   * @returns how many uses were given back; undefined if there is no answer
   */
  async releasePending(
    place: number,
    olderThanMs: number,
    by: 'release-pending' | 'maintain' = 'release-pending',
  ): Promise<number | undefined> {
    const body = { olderThanMs };
    const id = this.nextId();
    const reply = await this.ask(place, { method: 'POST', path: `tokens/${by}`, id, body });
    const answer = reply.status === 201 ? (reply.body.answer as number) : undefined;
    const { begin, end } = reply;
    this.releases.push({ begin, end: answer === undefined ? Infinity : end, olderThanMs, answer });
    return answer;
  }

  private async askAbout<Kind extends 'revoke' | 'change' | 'inspect'>(
    place: number,
    token: LiveToken,
    path: string,
    facts: WithoutFacts<Kind>,
    body: object,
  ): Promise<void> {
    const id = this.nextId();
    const reply = await this.ask(place, { method: 'POST', path: `tokens/${path}`, id, body });
    // After a failure, nobody knows.
    this.note<Kind>(token, id, reply, facts, reply.status === 201 ? reply.body.answer : undefined);
  }

  private note<Kind extends Call['kind']>(
    token: LiveToken,
    id: string,
    reply: Reply,
    facts: WithoutFacts<Kind>,
    answer: unknown,
  ): void {
    const { process, begin } = reply;
    const end = answer === undefined ? Infinity : reply.end;
    token.calls.push({ id, tokenId: token.id, process, begin, end, answer, ...facts } as unknown as Call);
  }

  private async ask(place: number, asked: Asked): Promise<Reply> {
    const member = await this.fleet.at(place);
    const begin = monotonicMs();
    const answered = await this.send(member, asked).catch(() => ({ status: undefined, body: {} }));
    return { process: member.number, begin, end: monotonicMs(), ...answered };
  }

  private async send(
    { app }: Member,
    { method, path, id, body, leaveAfterMs }: Asked,
  ): Promise<Pick<Reply, 'status' | 'body'>> {
    const { statusCode, body: answer } = await request(`${app.address}/${path}`, {
      dispatcher: this.agent,
      method,
      headers: { 'user-agent': id, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
      signal: leaveAfterMs === undefined ? undefined : AbortSignal.timeout(leaveAfterMs),
    });
    const text = await answer.text();
    return { status: statusCode, body: text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : {} };
  }

  private nextId(): string {
    this.calls += 1;
    return `call-${this.calls}`;
  }
}

const newAgent = () => new Agent({ headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS });

const answerIn = ({ status, body }: Reply): Answer | undefined =>
  status === undefined ? undefined : { status, ...(typeof body.code === 'string' && { code: body.code }) };
