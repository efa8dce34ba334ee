// A posted status with something of everything in it, names and texts that would do harm among them.
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import type { Posted } from '../../src/model/posted.ts';
import { testNow } from './builders.ts';

const ago = (seconds: number): number => testNow - seconds * 1000;
const name = bytesFromUtf8;

/** Gives the queues with these counts, wait-q first. */
export function queuesWith(...counts: readonly number[]): Posted['queues'] {
  const queue = (dir: string, at: number): Posted['queues']['wait'] => ({ dir, count: counts[at] ?? 0 });
  return {
    ...{ wait: queue('wait-q', 0), priority: queue('priority-q', 1), executing: queue('currently-executing', 2) },
    ...{ done: queue('done-q', 3), error: queue('error-q', 4), fail: queue('fail-q', 5) },
    ...{ archive: queue('archive', 6), trash: queue('trash', 7) },
  };
}

/** Gives the status of a root where nothing is and nothing was. */
export function emptyPosted(changed: Partial<Posted> = {}): Posted {
  return {
    ...{ at: testNow, state: 'serving', root: name('/srv/queue') },
    monitor: { host: 'host', pid: 4711, version: '1.2.3', since: ago(90_000) },
    ...{ isPaused: false, isFinishing: false, slots: 1, slotsTaken: 0, queues: queuesWith() },
    machine: { foreign: [], when: [], refused: [] },
    ...{ running: [], waitingTotal: 0, waiting: [], flowsTotal: 0, flows: [], ended: [] },
    ...changed,
  };
}

/** Gives the status of a root where much goes on. */
export function richPosted(): Posted {
  const odd = 'caf\xe9 "<b>&\n' as Bytes;
  return emptyPosted({
    ...{ slots: 3, slotsTaken: 3, queues: queuesWith(150, 1, 2, 1204, 2, 1, 7, 0) },
    running: [
      {
        ...{ name: name('transcode'), attempt: 1, state: 'running', since: ago(75), directory: name('/srv') },
        ...{ command: 'ffmpeg -i in.mkv out.mp4; echo "<done>"', progress: { percent: 42.5, note: '</td><script>' } },
        estimate: { endAt: ago(-101), from: 'progress', usualMs: 150_000 },
      },
      {
        ...{ name: odd, attempt: 2, state: 'starting', since: ago(0), directory: name('/') },
        ...{ command: 'sync /a', jobType: 'sync@1.4', progress: { note: 'counting' } },
      },
    ],
    machine: {
      ...{ trouble: 'the disk refused (EIO): look', ready: { isOk: false, text: 'exit 1: not\tnow' } },
      foreign: [{ pid: 7, name: 'ansible' }],
      when: [{ stamp: '1-2', isOk: false, text: 'no' }],
      refused: [{ name: odd, text: 'the disk refused (EPERM)' }],
    },
    flowsTotal: 3,
    flows: [
      { name: name('etl~2'), state: 'blocked', done: 2, of: 4, since: ago(3700) },
      { name: odd, state: 'running', done: 0, of: 200, since: ago(5) },
    ],
    waitingTotal: 151,
    waiting: [
      {
        ...{ name: name('urgent fix'), queue: 'priority', priority: 9, enqueuedAt: ago(7), attempts: 0 },
        ...{ isHeld: false, why: 'all 3 slots are taken' },
      },
      {
        ...{ name: name('ångström'), queue: 'wait', priority: 0, enqueuedAt: ago(200_000), attempts: 1 },
        ...{ isHeld: true, jobType: 'backup', why: 'held (RELEASE lets it go)' },
      },
    ],
    ended: [
      ended('db-vacuum', 'error', { reason: 'exit=3', queue: 'error', durationMs: 1234 }),
      ended('"<img src=x onerror=alert(1)>', 'fail', { reason: 'timeout', queue: 'fail', durationMs: 7_200_000 }),
      ended('known', 'fail', { reason: 'signal=KILL', queue: 'fail', flags: ['ack', 'log!'], attempt: 3 }),
      ended('rerun', 'error', { reason: 'exit=1', queue: 'wait', durationMs: 10 }),
      ended('nightly', 'done', { reason: 'exit=0', queue: 'done', durationMs: 400 }),
      { name: name('not-today'), outcome: 'skipped', endedAt: ago(100_000), queue: 'done', flags: [] },
      { name: name('mistake'), outcome: 'cancelled', endedAt: ago(100_001), flags: [] },
    ],
  });
}

function ended(
  text: string,
  outcome: 'done' | 'error' | 'fail',
  changed: Partial<Posted['ended'][number]>,
): Posted['ended'][number] {
  return { name: name(text), outcome, attempt: 1, endedAt: ago(300), flags: [], ...changed };
}
