import { describe, expect, it } from '@jest/globals';
import { check } from './checker.js';
import type { Call, Change, History, LogRow, PendingRelease, RowFacts, Run, Visit } from './history.js';
import { print } from './print.js';
import type { TokenKind } from './token-kinds.js';

/** A moment of rest, and the end. */
const RESTED_AT = 500;
const END = 1_000;
const ROW: RowFacts = { useCount: 0, maxUses: 1, isRevoked: false, isExpired: false };

let calls = 0;

/** A call with its log row and its run, as it would be if all went well. */
interface Told {
  call: Call;
  run?: Run;
  log?: LogRow;
}

const facts = (begin: number, end: number) => ({
  id: `call-${(calls += 1)}`,
  tokenId: 'token',
  process: 1,
  begin,
  end,
});

const logged = (userAgent: string | null, outcome: string, statusCode: number | null): LogRow => ({
  id: `log of ${userAgent}`,
  userAgent,
  outcome,
  statusCode,
  repeats: 1,
});

/** A visit that runs in the middle of its time. */
function visit(
  begin: number,
  end: number,
  told: Visit['told'] = 'succeed',
): Told & { run: Run; log: LogRow } {
  const call: Visit = {
    kind: 'visit',
    ...facts(begin, end),
    name: 'GET direct',
    told,
    answer: { status: told === 'succeed' ? 200 : 500 },
  };
  const beganAt = begin + 1;
  return {
    call,
    run: { beganAt, ended: { at: beganAt, isSuccess: told === 'succeed' } },
    log: logged(call.id, told === 'succeed' ? 'used' : 'released', call.answer!.status),
  };
}

/** A visit whose process is killed while its handler runs. */
function cutOff(begin: number, outcome: 'pending' | 'released' = 'pending') {
  const told = visit(begin, Infinity);
  told.run.ended = undefined;
  told.log = logged(told.call.id, outcome, null);
  return { ...told, call: { ...told.call, answer: undefined } as Visit };
}

const refused = (begin: number, end: number, code: string): Told => ({
  call: {
    kind: 'visit',
    ...facts(begin, end),
    name: 'GET direct',
    told: 'succeed',
    answer: { status: 403, code },
  },
});

const unavailable = (begin: number, end: number, log?: LogRow['outcome']): Told => {
  const call: Visit = {
    kind: 'visit',
    ...facts(begin, end),
    name: 'GET direct',
    told: 'succeed',
    answer: { status: 503 },
  };
  return { call, log: log === undefined ? undefined : logged(call.id, log, null) };
};

const revoked = (begin: number, end: number, answer?: number): Told => ({
  call: { kind: 'revoke', by: 'id', ...facts(begin, end), answer },
});

const changed = (begin: number, end: number, to: Change['to'], answer?: Change['answer']): Told => ({
  call: { kind: 'change', to, ...facts(begin, end), answer },
});

const redeemed = (begin: number, end: number, told: 'commit' | 'rollback' = 'commit'): Told => {
  const call: Call = { kind: 'redeem', told, ...facts(begin, end), answer: { status: 200 } };
  const log = { ...logged(null, 'used', null), id: `log of ${call.id}` };
  const run = { beganAt: begin + 1, logId: log.id, ended: { at: end - 1, isSuccess: told === 'commit' } };
  return { call, run, log: told === 'commit' ? log : undefined };
};

interface Circumstances {
  kind?: TokenKind;
  killed?: number[];
  releases?: PendingRelease[];
  leftPending?: string[];
}

function historyOf(
  told: Told[],
  row: Partial<RowFacts> | undefined,
  { kind = 'logged', killed = [], releases = [], leftPending = [] }: Circumstances = {},
): History {
  const token = {
    id: 'token',
    kind,
    issued: { begin: 0, end: 1, maxUses: 1 },
    calls: told.map(({ call }) => call),
    runs: new Map(told.flatMap(({ call, run }) => (run ? [[call.id, run] as const] : []))),
    row: row && { ...ROW, ...row },
    logs: told.flatMap(({ log }) => log ?? []),
  };
  return {
    tokens: [token],
    releases,
    killed: new Set(killed),
    leftPending: { ids: new Set(leftPending), givenBackAt: 600 },
    rests: [RESTED_AT, END],
  };
}

const problemsOf = (...history: Parameters<typeof historyOf>) =>
  check(historyOf(...history)).flatMap(({ problems }) => problems);

const USED_UP = { useCount: 1 };

describe('The checker has nothing to say of a history in which', () => {
  const good: [string, ...Parameters<typeof historyOf>][] = [
    ['nothing is done', [], {}],
    ['one use is taken, and the next refused', [visit(10, 20), refused(30, 40, 'token_exhausted')], USED_UP],
    [
      'of two at a time one is let through, whichever began first',
      [refused(10, 40, 'token_exhausted'), visit(20, 30)],
      USED_UP,
    ],
    ['a failure gives its use back', [visit(10, 20, 'fail'), visit(30, 40)], USED_UP],
    [
      'a use is refused that another gives back soon after',
      [visit(10, 20, 'fail'), refused(30, 40, 'token_exhausted'), visit(50, 60)],
      USED_UP,
    ],
    [
      'a use is taken while a revocation is under way',
      [revoked(10, 40, 1), visit(20, 30), refused(50, 60, 'token_revoked')],
      { useCount: 1, isRevoked: true },
    ],
    [
      'a revocation of which nobody knows has come late',
      [revoked(10, Infinity), visit(20, 30), refused(50, 60, 'token_revoked')],
      { useCount: 1, isRevoked: true },
    ],
    [
      'a revocation of which nobody knows has not come at all',
      [revoked(10, Infinity), visit(20, 30)],
      USED_UP,
    ],
    [
      'more uses are allowed later',
      [visit(10, 20), changed(30, 40, { maxUses: 2 }, 'done'), visit(50, 60)],
      { useCount: 2, maxUses: 2 },
    ],
    [
      'fewer uses are not allowed than are taken',
      [
        changed(5, 6, { maxUses: 2 }, 'done'),
        visit(10, 20),
        visit(10, 20),
        changed(30, 40, { maxUses: 1 }, 'refused'),
      ],
      { useCount: 2, maxUses: 2 },
    ],
    [
      'a token is expired, and then is not',
      [
        changed(10, 20, { isExpired: true }, 'done'),
        refused(30, 40, 'token_expired'),
        changed(50, 60, { isExpired: false }, 'done'),
        visit(70, 80),
      ],
      USED_UP,
    ],
    [
      'a claim was lost, and withdrawn',
      [unavailable(10, 20, 'released'), refused(15, 25, 'token_exhausted'), visit(30, 40)],
      USED_UP,
    ],
    ['a claim was lost that never came', [unavailable(10, 20), visit(30, 40)], USED_UP],
    ['a transaction is rolled back', [redeemed(10, 20, 'rollback'), redeemed(30, 40)], USED_UP],
    [
      'a use was lost that releasePending gave back, and others are refused for another reason ever after',
      [
        { ...unavailable(10, 20, 'released') },
        refused(30, 40, 'token_exhausted'),
        revoked(50, 60, 1),
        refused(510, 520, 'token_revoked'),
      ],
      { isRevoked: true },
    ],
    ['a killed process leaves its use pending', [cutOff(10)], USED_UP, { killed: [1] }],
    [
      'releasePending gives such a use back',
      [cutOff(10, 'released'), visit(300, 310)],
      USED_UP,
      { killed: [1], releases: [{ begin: 200, end: 210, olderThanMs: 100 }] },
    ],
    [
      'a client was not told of the use that it took',
      [{ ...visit(10, 20), call: { ...visit(10, 20).call, answer: undefined } as Visit }].map((told) => ({
        ...told,
        run: { beganAt: 11, ended: { at: 12, isSuccess: true } },
        log: logged(told.call.id, 'used', null),
      })),
      USED_UP,
    ],
    [
      'an unlogged use was lost, and stays counted',
      [{ ...unavailable(10, 20), log: undefined }, refused(30, 40, 'token_exhausted')],
      USED_UP,
      { kind: 'unlogged' },
    ],
    ['a deferred token is not used, and has no row', [], undefined, { kind: 'deferred' }],
    [
      'a deferred token is revoked before it has a row, which nobody can count',
      [revoked(10, 20, 0), refused(30, 40, 'token_revoked')],
      undefined,
      { kind: 'deferred' },
    ],
    [
      'a deferred token is revoked while its first use writes its row, which says nothing of it',
      [visit(10, 50), revoked(20, 30, 0), refused(35, 40, 'token_revoked'), refused(60, 70, 'token_revoked')],
      USED_UP,
      { kind: 'deferred' },
    ],
    [
      'a deferred token has only its row, because what withdrew a lost use was ended',
      [unavailable(10, 20), revoked(30, Infinity), refused(40, 50, 'token_revoked')],
      {},
      { kind: 'deferred' },
    ],
  ];
  it.each(good)('%s', (_, ...history) => {
    expect(problemsOf(...history)).toEqual([]);
  });
});

describe('The checker finds that', () => {
  const released = visit(10, 20, 'fail');
  const withoutLog = visit(10, 20);
  const succeeded = visit(10, 20);
  const bad: [says: string, ...Parameters<typeof historyOf>][] = [
    ['taken although 1 of 1 uses are taken', [visit(10, 20), visit(30, 40)], { useCount: 2 }],
    ['taken although 1 of 1 uses are taken', [visit(10, 40), visit(20, 30)], { useCount: 2 }],
    [
      'taken although it is revoked and 0 of 1 uses are taken',
      [revoked(10, 20, 1), visit(30, 40)],
      { useCount: 1, isRevoked: true },
    ],
    [
      'taken although it is expired and 0 of 1 uses are taken',
      [changed(10, 20, { isExpired: true }, 'done'), visit(30, 40)],
      { useCount: 1, isExpired: true },
    ],
    [
      'taken although it is revoked and 0 of 1 uses are taken',
      [revoked(10, 20, 0), visit(30, 40)],
      USED_UP,
      { kind: 'deferred' },
    ],
    [
      'the row says that 0 of 1 uses are taken',
      [refused(10, 20, 'token_revoked'), revoked(5, 30, 0)],
      {},
      { kind: 'deferred' },
    ],
    [
      'the row says that it is revoked',
      [visit(10, 20)],
      { ...USED_UP, isRevoked: true },
      { kind: 'deferred' },
    ],
    ['refused as token_exhausted although 0 of 1 uses are taken', [refused(10, 20, 'token_exhausted')], {}],
    [
      'refused as token_exhausted although 0 of 1 uses are taken',
      [visit(10, 20, 'fail'), visit(30, 40, 'fail'), refused(5, 9, 'token_exhausted')],
      {},
    ],
    ['refused as token_revoked although 0 of 1 uses are taken', [refused(10, 20, 'token_revoked')], {}],
    ['1 revoked although it is revoked', [revoked(10, 20, 1), revoked(30, 40, 1)], { isRevoked: true }],
    ['0 revoked although 0 of 1 uses are taken', [revoked(10, 20, 0)], {}],
    ['the row says that 1 of 1 uses are taken, although 0 of 1 uses are taken', [], USED_UP],
    ['it ran without a log row', [{ ...withoutLog, log: undefined }], USED_UP],
    ['1 uses are counted, and 0 logged', [{ ...withoutLog, log: undefined }], USED_UP],
    ['0 uses are counted, and 1 logged', [visit(10, 20)], {}],
    ['used although nothing ran', [{ ...visit(10, 20), run: undefined }], USED_UP],
    ['used although it failed', [{ ...released, log: logged(released.call.id, 'used', 500) }], USED_UP],
    [
      'released although it succeeded',
      [{ ...succeeded, log: logged(succeeded.call.id, 'released', 200) }],
      {},
    ],
    ['logged with status 204', [{ ...succeeded, log: logged(succeeded.call.id, 'used', 204) }], USED_UP],
    [
      '-> 500: no such answer was to be expected',
      [{ ...succeeded, call: { ...succeeded.call, answer: { status: 500 } } as Visit }],
      USED_UP,
    ],
    [
      'refused although it ran',
      [{ ...succeeded, call: { ...refused(10, 20, 'token_exhausted').call, id: succeeded.call.id } }],
      USED_UP,
    ],
    [
      'rolled back, and left a log row',
      [{ ...redeemed(10, 20), call: redeemed(10, 20, 'rollback').call }].map((told) => ({
        ...told,
        run: { ...told.run!, logId: told.log!.id },
      })),
      USED_UP,
    ],
    ['committed without a log row', [{ ...redeemed(10, 20), log: undefined }], USED_UP],
    [
      'is of nobody',
      [{ ...refused(10, 20, 'token_exhausted'), log: logged('somebody', 'used', 200) }],
      USED_UP,
    ],
    [
      '1 refusals as token_revoked are logged, and not as many were answered',
      [
        { ...visit(10, 20) },
        { ...refused(30, 40, 'token_exhausted'), log: logged('call', 'token_revoked', 403) },
      ],
      USED_UP,
    ],
  ];
  it.each(bad)('%s', (says, ...history) => {
    expect(problemsOf(...history)).toContainEqual(expect.stringContaining(says));
  });

  it('a use is pending although its process lived on', () => {
    const left = cutOff(10);
    expect(problemsOf([left], USED_UP, { leftPending: [left.log.id] })).toEqual([
      expect.stringContaining('pending although its process lived on'),
    ]);
  });

  it('a use was given back earlier than releasePending was told', () => {
    const releases = [{ begin: 50, end: 60, olderThanMs: 200 }];
    const told = visit(10, 20);
    told.log = logged(told.call.id, 'released', null);
    expect(problemsOf([told], {}, { releases })).toContainEqual(
      expect.stringContaining('released although it succeeded'),
    );
  });

  it('a use does not work again that was released', () => {
    const failed = visit(10, 20, 'fail');
    const refusal = 'token_exhausted';
    expect(problemsOf([failed, refused(480, 490, refusal)], {})).toEqual([]);
    expect(problemsOf([failed, refused(510, 520, refusal)], {})).toEqual([
      expect.stringContaining('refused as token_exhausted although 0 of 1 uses are taken'),
    ]);
  });

  it('a use does not work again that was pending and given back', () => {
    const left = cutOff(10, 'released');
    const circumstances = { killed: [1], leftPending: [left.log.id] };
    expect(
      problemsOf([left, refused(510, 520, 'token_exhausted'), visit(700, 710)], USED_UP, circumstances),
    ).toEqual([]);
    expect(problemsOf([left, visit(510, 520)], USED_UP, circumstances)).toEqual([
      expect.stringContaining('taken although 1 of 1 uses are taken'),
    ]);
  });

  it('is told of a token in order, one line a call', () => {
    const history = historyOf([visit(30, 40), visit(10, 20)], { useCount: 2 });
    const [first, second] = history.tokens[0].calls.map(({ id }) => id);
    expect(print(check(history), history)).toBe(
      [
        'token token, logged, issued for 1 uses:',
        `! ${first} GET direct, told to succeed -> 200: taken although 1 of 1 uses are taken`,
        `0.0100-0.0200    ${second} GET direct, told to succeed -> 200 (process 1, ran 0.0110, succeeded 0.0110, logged used 200)`,
        `0.0300-0.0400    ${first} GET direct, told to succeed -> 200 (process 1, ran 0.0310, succeeded 0.0310, logged used 200)`,
        'at the end: {"useCount":2,"maxUses":1,"isRevoked":false,"isExpired":false}',
      ].join('\n'),
    );
  });
});
