import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import type { Config } from '../../src/model/config.ts';
import type { Arrival, ClaimSeen, Seen, WaitingUow } from '../../src/model/seen.ts';
import { byService } from '../../src/monitor/survey/waiting-index.ts';
import { shutGate } from '../../src/plan/gates/index.ts';
import { messageTable } from '../../src/model/message.ts';
import { plan } from '../../src/plan/plan.ts';
import { gateView } from '../../src/plan/rules/promote.ts';
import { anyText } from '../support/any-text.ts';
import {
  aClaim,
  aConfig,
  aHead,
  aJobType,
  anArrival,
  aResult,
  aSeen,
  aStampedHead,
  aStatus,
  aWaiting,
  testNow,
  aMessage,
  aUowSeen,
} from '../support/builders.ts';

const names = fc.constantFrom('a', 'b', 'two words', 'é', 'x~2', '"');
const ageMs = fc.constantFrom(0, 500, 1000, 9000, 10_000, 60_000, 120_000, -5000);

const waitingUow = (queue: WaitingUow['queue']): fc.Arbitrary<WaitingUow> =>
  fc
    .record({
      ...{ ordinal: fc.nat(50), priority: fc.integer({ min: -3, max: 3 }), slots: fc.constantFrom(1, 1, 1, 2, 5, 100) },
      ...{ held: fc.constantFrom(false, false, true), attempts: fc.nat(2) },
      jobType: fc.constantFrom(undefined, undefined, 'deploy', 'deploy@2', 'copy'),
    })
    .map(({ jobType, ...rest }) => aWaiting('', { queue, ...rest, ...(jobType !== undefined && { jobType }) }));

/** A queue in its order; names are unique over all, as they are on disk. */
const waitingQueue = (queue: WaitingUow['queue']): fc.Arbitrary<readonly WaitingUow[]> =>
  fc
    .array(waitingUow(queue), { maxLength: 6 })
    .map((uows) => uows.map((uow, at) => ({ ...uow, name: `${queue}${at}` as WaitingUow['name'] })).sort(byService));

const claim: fc.Arbitrary<ClaimSeen> = fc
  .record({
    ...{ name: names, started: fc.constantFrom('no', 'withdrawn', 'yes'), isGuardianAlive: fc.boolean() },
    isSameMount: fc.boolean(),
    ...{ isSameBoot: fc.boolean(), isTreeGone: fc.boolean(), isFinished: fc.boolean(), isEndAsked: fc.boolean() },
    ...{ isBusy: fc.boolean(), placed: fc.constantFrom('there', 'missing', 'replaced') },
    resultFile: fc.constantFrom('none', 'json', 'not-json', 'unread'),
    askedAt: fc.constantFrom(undefined, testNow, testNow - 40_000),
    code: fc.constantFrom(undefined, 0, 3, 127, 137),
    why: fc.constantFrom('exit', 'timeout', 'killed', 'interrupted'),
    matched: fc.constantFrom(undefined, { error: true, fail: false }),
    slots: fc.constantFrom(1, 2, 7),
    errorWhen: fc.constantFrom(undefined, 'oops'),
    idempotent: fc.boolean(),
  })
  .map(({ name, askedAt, code, why, matched, slots, errorWhen, idempotent, ...rest }) =>
    aClaim(name, {
      ...(rest as Partial<ClaimSeen>),
      ...(askedAt !== undefined && { askedAt }),
      ...(code !== undefined && { result: aResult(code, { why: why as 'exit' }) }),
      ...(matched && { matched }),
      record: { slots, judging: { idempotent, ...(errorWhen !== undefined && { errorWhen }) } },
    }),
  );

const head = fc.oneof(
  fc.constant(aHead()),
  fc
    .constantFrom('waiting' as const, 'running' as const, 'done' as const, 'fail' as const)
    .map((word) => aStampedHead(aStatus(word))),
  fc.constant(aStampedHead(aStatus('waiting'), { event: 'submitted size=200' })),
);

const arrival: fc.Arbitrary<Arrival> = fc
  .record({
    ...{ name: names, head, ageMs, canKeepFile: fc.boolean(), hasOriginal: fc.boolean() },
    queue: fc.constantFrom('wait', 'priority', 'executing', 'done', 'error', 'fail', 'trash', 'archive'),
    isBeingWritten: fc.constantFrom(undefined, true, false),
    is: fc.constantFrom(
      undefined,
      undefined,
      { kind: 'readme' as const },
      { kind: 'directory' as const },
      { kind: 'special' as const, what: 'a FIFO' },
      { kind: 'invalid' as const, problems: [] },
    ),
    runId: fc.constantFrom(undefined, undefined, '1-1.1-aaaaaa'),
    refusedUntil: fc.constantFrom(undefined, undefined, testNow + 1),
  })
  .map(({ name, is, runId, refusedUntil, ...rest }) =>
    anArrival(name, {
      ...(rest as Partial<Arrival>),
      ...(is && { is }),
      // What bears the name of a README is never a UOW's second name.
      ...(runId !== undefined && !is && { runId }),
      ...(refusedUntil !== undefined && { refusedUntil }),
    }),
  );

const message = fc.oneof(
  fc.constantFrom(...messageTable.map(({ form }) => form), 'SLOTS 3', 'KILL JOB a', 'RETRY a'),
  anyText(20),
);

const someSeen = (withMessages: boolean): fc.Arbitrary<Seen> =>
  fc
    .record({
      claims: fc.array(claim, { maxLength: 5 }),
      arrivals: fc.array(arrival, { maxLength: 5 }),
      messages: withMessages ? fc.array(message, { maxLength: 4 }) : fc.constant([]),
      waiting: fc.record({
        executing: waitingQueue('executing'),
        priority: waitingQueue('priority'),
        wait: waitingQueue('wait'),
      }),
      paused: fc.constantFrom(false, false, true),
      finishing: fc.constantFrom(false, false, false, true),
      slots: fc.constantFrom(undefined, 1, 3),
      load: fc.constantFrom(0, 0, 9),
      command: fc.constantFrom(
        undefined,
        { at: testNow, isOk: true, text: '' },
        { at: testNow, isOk: false, text: 'no' },
      ),
      foreign: fc.constantFrom(undefined, [], ['ansible'], ['terraform']),
      trouble: fc.constantFrom(undefined, undefined, undefined, { until: testNow + 1, text: 'disk full' }),
    })
    .map(({ claims, arrivals, paused, finishing, slots, load, command, foreign, trouble, ...rest }) => {
      const processes = foreign?.map((name, at) => ({ pid: at + 1, name, startedAt: testNow - 1e6 }));
      return aSeen({
        ...rest,
        arrivals: arrivals.map((each, ino) => ({ ...each, ino })),
        // Ids are never used twice.
        claims: claims.map((each, at) => ({
          ...each,
          record: { ...each.record, id: `${at}-0.1-aaaaaa` as typeof each.record.id },
        })),
        control: { paused, finishing, ...(slots !== undefined && { slots }) },
        machine: {
          ...{ load, ...(command && { readyCommand: command }), ...(trouble && { trouble }) },
          ...(processes && { foreign: { at: testNow, processes } }),
        },
        jobTypes: [aJobType('deploy', { procnames: [{ name: 'terraform', timeoutMs: 1000 }] })],
      });
    });

const someConfig: fc.Arbitrary<Config> = fc
  .record({
    slots: fc.constantFrom(1, 2, 4, 16),
    priority: fc.constantFrom('ordered' as const, 'strict' as const),
    load: fc.constantFrom(undefined, 5),
    command: fc.constantFrom(undefined, undefined, 'test'),
    procnames: fc.constantFrom([], [], [{ name: 'ansible', timeoutMs: 5000 }]),
  })
  .map(({ load, command, ...rest }) =>
    aConfig({
      ...rest,
      ready: { ...(load !== undefined && { load }), ...(command !== undefined && { command }) },
    }),
  );

const claimedBy = (actions: readonly Action[]): readonly WaitingUow[] =>
  actions.flatMap((action) => (action.kind === 'claim' ? action.uow : []));

const runs = { numRuns: 200 };

/** Checks a property on any picture of a root, its plan and the settings. */
function always(check: (seen: Seen, config: Config, actions: readonly Action[]) => void, withMessages = false): void {
  fc.assert(
    fc.property(someSeen(withMessages), someConfig, (seen, config) => check(seen, config, plan(seen, config))),
    runs,
  );
}

describe('the plan of any picture', () => {
  it('never throws, changes nothing of what it is given, and is the same again', () => {
    always((seen, config, actions) => {
      // A zone is a function, which cannot be cloned.
      const { zone: _zone, ...rest } = seen;
      const before = structuredClone([rest, config]);
      expect(plan(seen, config)).toEqual(actions);
      expect([rest, config]).toEqual(before);
    }, true);
  });

  it('never takes more slots than there are', () => {
    always((seen, config, actions) => {
      const soFar = actions.filter(({ kind }) => kind !== 'claim');
      const { slots, freeSlots } = gateView(seen, config, soFar);
      const taken = claimedBy(actions).reduce((sum, uow) => sum + Math.min(uow.slots, slots), 0);
      expect(taken).toBeLessThanOrEqual(freeSlots);
    });
  });

  it('starts nothing while paused, finishing, or in trouble with the disk', () => {
    always((seen, _config, actions) => {
      if (seen.control.paused || seen.control.finishing || seen.machine.trouble) expect(claimedBy(actions)).toEqual([]);
    });
  });

  it('claims from each queue in its order, passing only those that let others pass', () => {
    always((seen, config, actions) => {
      const claims = claimedBy(actions);
      for (const queue of ['executing', 'priority', 'wait'] as const) {
        const ordered = [...seen.waiting[queue]];
        const places = claims.filter((uow) => uow.queue === queue).map((uow) => ordered.indexOf(uow));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        const passed = ordered.slice(0, (places.at(-1) ?? -1) + 1).filter((uow) => !claims.includes(uow));
        const view = gateView(seen, config, []);
        for (const uow of passed) {
          expect(shutGate(uow, { ...view, freeSlots: view.slots })).toMatchObject({ holdsOthers: false });
        }
      }
    });
  });

  it('claims nothing of wait-q while a UOW of priority-q waits for what holds others, and with `strict` for anything', () => {
    always((seen, config, actions) => {
      const claims = claimedBy(actions);
      if (!claims.some(({ queue }) => queue === 'wait')) return;
      const left = [...seen.waiting.priority].filter((uow) => !claims.includes(uow));
      const view = gateView(seen, config, []);
      for (const uow of left) {
        const shut = shutGate(uow, { ...view, freeSlots: view.slots });
        expect([shut?.holdsOthers, shut?.keepsNeeds]).toEqual([false, undefined]);
      }
      if (config.priority === 'strict') expect([...seen.waiting.priority]).toEqual([]);
    });
  });

  it('comes to one conclusion about every claim', () => {
    always((seen, _config, actions) => {
      for (const { record, isBusy, isGuardianAlive, isEndAsked, result, started } of seen.claims) {
        const about = actions.filter((action) => 'record' in action && action.record.id === record.id);
        const conclusions = about.filter(({ kind }) => kind !== 'restore');
        const mayWait = isBusy || (started === 'yes' && isGuardianAlive && !isEndAsked && !result) || started === 'no';
        expect(conclusions.length).toBeLessThanOrEqual(1);
        if (!mayWait) expect(conclusions).toHaveLength(1);
        expect(about.length - conclusions.length).toBeLessThanOrEqual(1);
      }
    });
  });

  it('does at most one thing with each arrival', () => {
    always((seen, _config, actions) => {
      for (const arrival of seen.arrivals) {
        const done = actions.filter((action) => 'arrival' in action && action.kind !== 'leave');
        expect(done.filter((action) => 'arrival' in action && action.arrival === arrival).length).toBeLessThan(2);
      }
    });
  });

  it('notes every message as acted upon once, in their order', () => {
    always((seen, _config, actions) => {
      const acted = actions.flatMap((action) => (action.kind === 'acted' ? action.message : []));
      // That one is noted when the settings are read, behind all actions.
      expect(acted).toEqual(seen.messages.filter(({ text }) => text !== 'RELOAD'));
    }, true);
  });
});

describe('a wake', () => {
  it('starts nothing while messages change UOWs: who is first in line is seen by the next one', () => {
    const message = aMessage('HOLD a', { about: aUowSeen('a') });
    const seen = aSeen({ waiting: { wait: [aWaiting('a'), aWaiting('b')] }, messages: [message] });
    expect(claimedBy(plan(seen, aConfig()))).toEqual([]);
    expect(plan(seen, aConfig()).map(({ kind }) => kind)).toEqual(['resolve', 'obey', 'acted']);
  });

  it('answers messages first, and what they say counts at once', () => {
    const waiting = { wait: [aWaiting('a')] };
    expect(claimedBy(plan(aSeen({ waiting, messages: ['PAUSE'] }), aConfig()))).toEqual([]);
    expect(
      claimedBy(plan(aSeen({ waiting, control: { paused: true }, messages: ['RESUME'] }), aConfig())),
    ).toHaveLength(1);
    expect(
      claimedBy(plan(aSeen({ waiting: { wait: [aWaiting('a'), aWaiting('b')] }, messages: ['SLOTS 2'] }), aConfig())),
    ).toHaveLength(2);
  });

  it('starts nothing more in the wake of a SHUTDOWN', () => {
    const actions = plan(aSeen({ waiting: { wait: [aWaiting('a')] }, messages: ['SHUTDOWN'] }), aConfig());
    expect(claimedBy(actions)).toEqual([]);
    expect(actions).toContainEqual({ kind: 'stop', why: 'shutdown' });
  });

  it('finishes what ended before it starts what waits, in the slot that this frees', () => {
    const seen = aSeen({ claims: [aClaim('old', { result: aResult(0) })], waiting: { wait: [aWaiting('new')] } });
    expect(plan(seen, aConfig()).map(({ kind }) => kind)).toEqual(['finish', 'claim']);
  });

  it('ends the monitor after FINISH when nothing runs', () => {
    expect(plan(aSeen({ messages: ['FINISH'] }), aConfig()).at(-1)).toEqual({ kind: 'stop', why: 'finished' });
    expect(
      plan(aSeen({ messages: ['FINISH'], claims: [aClaim('a')] }), aConfig()).map(({ kind }) => kind),
    ).not.toContain('stop');
  });
});
