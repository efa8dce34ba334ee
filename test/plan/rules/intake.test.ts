import { describe, expect, it } from 'vitest';
import type { Action } from '../../../src/model/action.ts';
import type { Arrival } from '../../../src/model/seen.ts';
import { intake } from '../../../src/plan/rules/intake.ts';
import { aConfig, aHead, anArrival, aSeen, aStampedHead, aStatus, aWaiting, testNow } from '../../support/builders.ts';

function taken(arrivals: readonly Arrival[], seen: Parameters<typeof aSeen>[0] = {}): readonly Action[] {
  return intake(aSeen({ arrivals, ...seen }), aConfig({ settleMs: 1000 }));
}

function one(arrival: Arrival): Action | undefined {
  const actions = taken([arrival]);
  expect(actions.length).toBeLessThan(2);
  return actions[0];
}

const young = { isBeingWritten: undefined } as const;

it('a submitted UOW keeps its name: while it has its submitter’s second name too it is left alone, but not for ever', () => {
  const head = aStampedHead(aStatus('waiting'), { event: 'submitted size=200' });
  const changed = { head, isBeingLinked: true, canKeepFile: false } as const;
  const planned = (ageMs: number) => intake(aSeen({ arrivals: [anArrival('a', { ...changed, ageMs })] }), aConfig());
  expect(planned(5)).toMatchObject([{ kind: 'leave', until: testNow + 10 }]);
  expect(planned(2000)).toMatchObject([{ kind: 'take-in' }]);
});

describe('a dropped file', () => {
  it('at rest is taken in', () => {
    expect(one(anArrival('a'))).toMatchObject({ kind: 'take-in', fresh: false });
  });

  it('must have stood unchanged for the settle time', () => {
    expect(one(anArrival('a', { ageMs: 400 }))).toMatchObject({ kind: 'leave', until: testNow + 600 });
    expect(one(anArrival('a', { ageMs: 1000 }))).toMatchObject({ kind: 'take-in' });
  });

  it('that changed in the last minute must have nobody who writes to it', () => {
    const arrival = anArrival('a', { ageMs: 59_999, ...young });
    expect(one(arrival)).toEqual({ kind: 'ask-writers', arrivals: [arrival] });
    expect(one(anArrival('a', { ageMs: 60_000, ...young }))).toMatchObject({ kind: 'take-in' });
  });

  it('that is being written is asked about again after a second', () => {
    const written = { ageMs: 5000, isBeingWritten: true };
    expect(one(anArrival('a', { ...written, writersAskedAt: testNow - 400 }))).toMatchObject({
      kind: 'leave',
      until: testNow + 600,
    });
    expect(one(anArrival('a', { ...written, writersAskedAt: testNow - 1000 }))).toMatchObject({ kind: 'ask-writers' });
  });

  it('is asked about together with all others that are in question', () => {
    const asked = taken([
      anArrival('a', { ageMs: 5000, ...young }),
      anArrival('b', { ageMs: 4000, isBeingWritten: true, writersAskedAt: testNow - 100 }),
      anArrival('c', { ageMs: 3000, ...young }),
    ]).filter(({ kind }) => kind === 'ask-writers');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ arrivals: [{ name: 'a' }, { name: 'c' }, { name: 'b' }] });
  });

  it('with a time in the future counts from when it was first seen so', () => {
    const future = { mtimeMs: testNow + 1e9 };
    expect(one(anArrival('a', { ...future, unchangedSince: testNow - 500 }))).toMatchObject({
      kind: 'leave',
      until: testNow + 500,
    });
    expect(one(anArrival('a', { ...future, unchangedSince: testNow - 2000 }))).toMatchObject({ kind: 'take-in' });
  });

  it('that has long been at rest is taken though this monitor sees it for the first time', () => {
    expect(one(anArrival('a', { unchangedSince: testNow }))).toMatchObject({ kind: 'take-in' });
  });

  it('that nobody writes to is not asked about along with one that is in question', () => {
    const arrivals = [anArrival('a', { ageMs: 5000, ...young }), anArrival('b', { ageMs: 5000 })];
    expect(taken(arrivals)).toMatchObject([
      { kind: 'take-in', arrival: { name: 'b' } },
      { kind: 'ask-writers', arrivals: [{ name: 'a' }] },
    ]);
  });

  it('that says of itself that it is whole is taken at once, and one that is shorter than it says is not', () => {
    const head = aStampedHead(aStatus('waiting'), { event: 'submitted size=200' });
    expect(one(anArrival('a', { head, ageMs: 0, ...young }))).toMatchObject({ kind: 'accept', rerun: false });
    expect(one(anArrival('a', { head, ageMs: 0, ...young, sizeBytes: 150 }))).toMatchObject({ kind: 'leave' });
  });

  it('with a stamp is not whole for that: it settles like every other', () => {
    const head = aStampedHead(aStatus('done'));
    expect(one(anArrival('a', { head, ageMs: 0 }))).toMatchObject({ kind: 'leave' });
  });

  it('is left for a while where the machine refused to take it', () => {
    expect(one(anArrival('a', { refusedUntil: testNow + 5 }))).toMatchObject({ kind: 'leave', until: testNow + 5 });
    expect(one(anArrival('a', { refusedUntil: testNow }))).toMatchObject({ kind: 'take-in' });
  });
});

describe('a stamped file', () => {
  it('is accepted as it stands, as a rerun if it had ended', () => {
    expect(one(anArrival('a', { head: aStampedHead(aStatus('waiting')) }))).toMatchObject({
      kind: 'accept',
      rerun: false,
    });
    for (const word of ['done', 'error', 'fail', 'skipped', 'cancelled'] as const) {
      const head = aStampedHead(aStatus(word));
      expect(one(anArrival('a', { head })), word).toMatchObject({ kind: 'accept', rerun: true });
    }
  });

  it('is copied where it cannot be kept: another user’s, two names, no room for STATUS', () => {
    const arrival = anArrival('a', { head: aStampedHead(aStatus('done')), canKeepFile: false });
    expect(one(arrival)).toMatchObject({ kind: 'take-in', fresh: false });
  });

  it('whose original still stands is a copy: a new UOW, log and attempts dropped', () => {
    for (const word of ['done', 'running'] as const) {
      const arrival = anArrival('a', { head: aStampedHead(aStatus(word)), hasOriginal: true });
      expect(one(arrival)).toMatchObject({ kind: 'take-in', fresh: true });
    }
  });

  it('that arrives with another of its stamp is the copy if it changed later, and a new UOW; hand-written stamps may be the same', () => {
    const head = aStampedHead(aStatus('done'));
    const both = [anArrival('a', { head, ageMs: 90_000 }), anArrival('b', { head })];
    expect(taken(both)).toMatchObject([
      { kind: 'accept', rerun: true, arrival: { name: 'b' } },
      { kind: 'take-in', fresh: true, arrival: { name: 'a' } },
    ]);
    const byHand = ['a', 'b'].map((name) =>
      anArrival(name, { head: aHead({ stamp: { seconds: 5, ordinal: 0 } }), canKeepFile: false }),
    );
    expect(taken(byHand)).toMatchObject([{ fresh: false }, { fresh: false }]);
    const ended = ['a', 'b'].map((name) => anArrival(name, { head, queue: 'done' }));
    expect(taken(ended).map(({ kind }) => kind)).toEqual(['accept', 'accept']);
  });

  it('that arrives with another of its stamp is the copy if less had come of it, whichever of the two changed later', () => {
    const retry = { flags: ['retry'], attempt: 2, retry: 1 } as const;
    const inOrder = [
      ...[aStatus('waiting'), aStatus('running'), aStatus('done'), aStatus('waiting', { attempt: 1 })],
      ...[aStatus('running', { attempt: 2 }), aStatus('fail', { attempt: 2 })],
    ];
    const pairs = inOrder.slice(1).map((further, at) => [inOrder[at] ?? further, further] as const);
    const retried = [
      [aStatus('error'), aStatus('waiting', retry)],
      [aStatus('waiting', retry), aStatus('running', { attempt: 2 })],
    ] as const;
    for (const [earlier, further] of [...pairs, ...retried]) {
      const both = [
        anArrival('copy', { head: aStampedHead(earlier), ageMs: 100_000 }),
        anArrival('original', { head: aStampedHead(further), ageMs: 90_000 }),
      ];
      for (const each of [both, [...both].reverse()])
        expect(taken(each), `${earlier.word} and ${further.word}`).toContainEqual(
          expect.objectContaining({ kind: 'take-in', fresh: true, arrival: both[0] }),
        );
    }
  });

  it('that waits and was copied into currently-executing is a new UOW, next in line', () => {
    const copy = { head: aStampedHead(aStatus('waiting')), hasOriginal: true, queue: 'executing' } as const;
    expect(one(anArrival('b', copy))).toMatchObject({ kind: 'take-in', fresh: true });
  });

  it('that was saved over a UOW whose job has ended by then is not run again', () => {
    for (const word of ['running', 'done', 'error', 'fail'] as const) {
      const saved = { head: aStampedHead(aStatus(word)), hasOriginal: true } as const;
      expect(one(anArrival('a', { ...saved, queue: 'executing' }))).toMatchObject({
        kind: 'trash',
        why: expect.stringContaining('not run again') as string,
      });
      expect(one(anArrival('a', { ...saved, queue: 'wait' }))).toMatchObject({ kind: 'take-in', fresh: true });
    }
  });

  it('that says running without a record is interrupted, in every queue where it could start', () => {
    for (const queue of ['wait', 'priority', 'executing'] as const) {
      expect(one(anArrival('a', { queue, head: aStampedHead(aStatus('running')) }))).toMatchObject({
        kind: 'interrupt',
      });
    }
  });

  it('in the place of a running UOW’s second name is a duplicate', () => {
    expect(one(anArrival('a', { runId: 'x', ageMs: 0 }))).toMatchObject({ kind: 'unlink-duplicate' });
  });

  it('that has another name is dropped under the earlier one, unless it says running and has yet to say otherwise', () => {
    const waiting = anArrival('a', { standsIn: 'done', head: aStampedHead(aStatus('waiting')) });
    expect(one(waiting)).toMatchObject({ kind: 'unlink-duplicate' });
    for (const [standsIn, kind] of [
      ['fail', 'interrupt'],
      ['executing', 'unlink-duplicate'],
      ['wait', 'unlink-duplicate'],
    ] as const) {
      const running = anArrival('a', { standsIn, head: aStampedHead(aStatus('running')) });
      expect(one(running), standsIn).toMatchObject({ kind });
    }
    expect(one({ ...anArrival('a'), isSecondName: true })).toMatchObject({ kind: 'unlink-duplicate' });
    expect(one({ ...anArrival('a'), isSecondName: true, refusedUntil: testNow + 5 })).toMatchObject({ kind: 'leave' });
  });

  it('that has a name too many is not touched under the other before that has gone', () => {
    const names = taken([anArrival('a', { ino: 5 }), anArrival('b', { ino: 5 }), anArrival('c', { ino: 6 })]);
    expect(names).toMatchObject([
      { kind: 'unlink-duplicate', arrival: { name: 'b' } },
      { kind: 'take-in', arrival: { name: 'c' } },
    ]);
    const head = aStampedHead(aStatus('waiting'));
    const early = anArrival('a', { ino: 5, head, standsIn: 'executing', refusedUntil: testNow + 5 });
    const late = anArrival('a', { ino: 5, head, queue: 'executing', canKeepFile: false });
    expect(taken([early, late])).toMatchObject([{ kind: 'leave', arrival: { queue: 'wait' } }]);
  });

  it('that has another name is left while that may be one of those that nobody has looked at yet', () => {
    const arrival = anArrival('a', { hasOtherName: true });
    expect(taken([arrival], { hasUnseenNames: true })).toMatchObject([{ kind: 'leave', until: testNow + 1000 }]);
    expect(taken([arrival])).toMatchObject([{ kind: 'take-in' }]);
    expect(taken([anArrival('a')], { hasUnseenNames: true })).toMatchObject([{ kind: 'take-in' }]);
  });

  it('has two names in peace where neither can start: among the ended, and as a README', () => {
    for (const queue of ['done', 'error', 'fail', 'archive'] as const) {
      const names = taken([anArrival('a', { queue, ino: 5 }), anArrival('b', { queue, ino: 5 })]);
      expect(
        names.map(({ kind }) => kind),
        queue,
      ).toEqual(['accept', 'accept']);
    }
    const readme = anArrival('README', { is: { kind: 'readme' }, ino: 5 });
    expect(taken([readme, anArrival('b', { ino: 5 })])).toMatchObject([{ kind: 'take-in', arrival: { name: 'b' } }]);
    const byHand = [anArrival('a', { queue: 'executing', ino: 5 }), anArrival('b', { queue: 'executing', ino: 5 })];
    expect(taken(byHand).map(({ kind }) => kind)).toEqual(['unlink-duplicate']);
  });

  it('that a person put among the ended is accepted there, settled or not', () => {
    for (const queue of ['done', 'error', 'fail'] as const) {
      expect(one(anArrival('a', { queue, ageMs: 0 }))).toMatchObject({ kind: 'accept', rerun: false });
    }
  });
});

describe('what is no UOW', () => {
  const invalid = {
    kind: 'invalid',
    problems: [
      { line: 0, message: 'no title', remedy: 'write one' },
      { line: 3, message: 'no such field', remedy: '' },
    ],
  } as const;

  it('goes to trash with every reason, after 10 s, since it may be half an upload', () => {
    expect(one(anArrival('a', { is: invalid, ageMs: 9000 }))).toMatchObject({ kind: 'leave', until: testNow + 1000 });
    expect(one(anArrival('a', { is: invalid, ageMs: 10_000, ...young }))).toMatchObject({ kind: 'ask-writers' });
    expect(one(anArrival('a', { is: invalid, ageMs: 10_000 }))).toMatchObject({
      kind: 'trash',
      why: 'no title: write one; line 3: no such field',
    });
  });

  it('and no regular file goes at once', () => {
    expect(one(anArrival('a', { is: { kind: 'special', what: 'a FIFO' }, ageMs: 0 }))).toMatchObject({
      kind: 'trash',
      why: expect.stringMatching(/^a FIFO, not a regular file/) as string,
    });
  });

  it('but a directory is left alone', () => {
    expect(one(anArrival('a', { is: { kind: 'directory' } }))).toBeUndefined();
  });
});

describe('READMEs', () => {
  const readme = (name: string, mtimeMs: number, queue: Arrival['queue'] = 'wait'): Arrival =>
    anArrival(name, { is: { kind: 'readme' }, mtimeMs, queue });

  it('are kept down to the newest of each queue', () => {
    const trashed = taken([
      readme('README', 100),
      readme('README.md', 300),
      readme('README~2', 200),
      readme('README', 50, 'done'),
    ]);
    expect(trashed.map((action) => ('arrival' in action ? action.arrival.name : ''))).toEqual(['README', 'README~2']);
    expect(trashed).toMatchObject(Array(2).fill({ kind: 'trash', why: 'one README a queue: the newest stays' }));
  });

  it('of which an old one comes last leave the newest where it is', () => {
    const at = testNow - 1e6;
    const trashed = taken([
      { ...readme('README', 300), ctimeMs: at },
      { ...readme('README.md', 100), ctimeMs: at + 1 },
      { ...readme('README~2', 200), ctimeMs: at + 2 },
    ]);
    expect(trashed.map((action) => ('arrival' in action ? action.arrival.name : ''))).toEqual([
      'README.md',
      'README~2',
    ]);
  });

  it('of the same age leave the one that came last', () => {
    const trashed = taken([readme('README', 100), readme('README.md', 100)]);
    expect(trashed).toMatchObject([{ arrival: { name: 'README' } }]);
  });
});

describe('many files in one wake', () => {
  it('are taken in by ctime, then mtime, then name, at most 256 newcomers', () => {
    const at = testNow - 1e6;
    const mixed = [
      anArrival('d', { ctimeMs: at + 2, mtimeMs: at }),
      anArrival('b', { ctimeMs: at, mtimeMs: at + 1 }),
      anArrival('c', { ctimeMs: at, mtimeMs: at + 1 }),
      anArrival('a', { ctimeMs: at, mtimeMs: at }),
    ];
    expect(taken(mixed).map((action) => ('arrival' in action ? action.arrival.name : ''))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    const many = Array.from({ length: 300 }, (_, number) => anArrival(`f${number}`, { head: aHead() }));
    expect(taken(many)).toHaveLength(256);
    expect(taken(Array.from({ length: 300 }, (_, number) => anArrival(`f${number}`, { queue: 'done' })))).toHaveLength(
      300,
    );
  });

  it('are in order whatever the order in which they were read', () => {
    const at = testNow - 1e6;
    const inOrder = [
      anArrival('z', { ctimeMs: at, mtimeMs: at + 9 }),
      anArrival('y', { ctimeMs: at + 1, mtimeMs: at + 1 }),
      anArrival('x', { ctimeMs: at + 1, mtimeMs: at + 2 }),
      anArrival('a', { ctimeMs: at + 2, mtimeMs: at }),
      anArrival('b', { ctimeMs: at + 2, mtimeMs: at }),
    ];
    for (const arrivals of [inOrder, [...inOrder].reverse()]) {
      const names = taken(arrivals).map((action) => ('arrival' in action ? action.arrival.name : ''));
      expect(names).toEqual(['z', 'y', 'x', 'a', 'b']);
    }
  });

  it('wait while the disk refuses', () => {
    const trouble = { until: testNow + 500, text: 'disk full' };
    expect(taken([anArrival('a')], { machine: { trouble } })).toEqual([{ kind: 'look-again', at: testNow + 500 }]);
    const over = { until: testNow, text: 'disk full' };
    expect(taken([anArrival('a')], { machine: { trouble: over } })).toMatchObject([{ kind: 'take-in' }]);
  });
});

it('what a person took away is noted', () => {
  const vanished = { uow: aWaiting('a'), now: 'archive' } as const;
  expect(taken([], { vanished: [vanished] })).toEqual([{ kind: 'note-vanished', vanished }]);
});
