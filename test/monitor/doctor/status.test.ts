import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Status } from '../../../src/model/status.ts';
import { statusAtOdds } from '../../../src/monitor/doctor/status.ts';
import { anAttempt } from '../../support/builders.ts';
import { aWard } from '../../support/patient.ts';
import { lineFromHistory } from '../../../src/format/history-line.ts';
import type { QueueName } from '../../support/root.ts';

const checks = [statusAtOdds];

it.each<readonly [QueueName, Partial<Status>]>([
  ['wait-q', { word: 'waiting', flags: ['held'], attempt: 0 }],
  ['priority-q', { word: 'waiting', flags: ['retry'], attempt: 2 }],
  ['currently-executing', { word: 'waiting', attempt: 0 }],
  ['done-q', { word: 'done', flags: ['log!'] }],
  ['done-q', { word: 'skipped', attempt: 0 }],
  ['error-q', { word: 'error', flags: ['ack', 'cont'] }],
  ['error-q', { word: 'cancelled', attempt: 0 }],
  ['fail-q', { word: 'fail', reason: { kind: 'killed' } }],
  ['fail-q', { word: 'cancelled', attempt: 0 }],
  ['archive', { word: 'cancelled', attempt: 0 }],
  ['archive', { word: 'fail' }],
  ['trash', { word: 'running' }],
])('a UOW in %s that says %j is as it should be', (queue, status) => {
  const { put, kinds } = aWard();
  put(queue, 'a', { status });
  expect(kinds('quiet', checks)).toEqual([]);
});

it.each<readonly [QueueName, Partial<Status>, string]>([
  [
    'fail-q',
    { word: 'error', reason: { kind: 'exit', code: 3 }, flags: ['ack', 'log!'], durationMs: 1000 },
    'fail log! #1 2026-11-22T04:31:06Z 1.0s',
  ],
  ['done-q', { word: 'waiting', flags: ['held'], attempt: 0 }, 'skipped #0 2026-11-22T04:31:06Z'],
  ['error-q', { word: 'done', reason: { kind: 'exit', code: 0 } }, 'error #1 2026-11-22T04:31:06Z'],
  ['error-q', { word: 'waiting', attempt: 0 }, 'cancelled #0 2026-11-22T04:31:06Z'],
  ['fail-q', { word: 'running' }, 'fail interrupted #1 2026-11-22T04:31:06Z'],
  ['archive', { word: 'running' }, 'fail interrupted #1 2026-11-22T04:31:06Z'],
  ['archive', { word: 'waiting', attempt: 2 }, 'cancelled #2 2026-11-22T04:31:06Z'],
])('one in %s that says %j is found, and --fix writes what the queue says', async (queue, status, mended) => {
  const { root, put, kinds, mend } = aWard();
  put(queue, 'a', { status });
  expect(kinds('live', checks)).toEqual([`status-word ${queue}/a +`]);
  const log = root.log(queue, 'a');
  await mend(checks);
  expect(root.status(queue, 'a')).toBe(mended);
  expect(root.log(queue, 'a')).toBe(log);
  expect(kinds('quiet', checks)).toEqual([]);
});

it.each(['error', 'fail', 'running'] as const)(
  'one in done-q that says %s is found, and is no success for being there: STATUS stays',
  async (word) => {
    const { root, put, kinds, mend } = aWard();
    put('done-q', 'a', { status: { word } });
    const before = root.status('done-q', 'a');
    expect(kinds('stopped', checks)).toEqual(['status-word done-q/a']);
    await mend(checks);
    expect(root.status('done-q', 'a')).toBe(before);
  },
);

it('one that runs or has ended and stands where UOWs wait is the next wake’s, and wrong when all has come to rest', () => {
  const { put, root, kinds } = aWard();
  put('wait-q', 'rerun', { status: { word: 'error' } });
  put('currently-executing', 'restored', { status: { word: 'running' } });
  root.drop('fresh', ['command :: true']);
  expect(kinds('live', checks)).toEqual([]);
  // Nobody will learn how it ended: a note.
  expect(kinds('stopped', checks)).toEqual(['claimed currently-executing/restored']);
  expect([...kinds('quiet', checks)].sort()).toEqual([
    'not-taken-in wait-q/fresh',
    'status-word currently-executing/restored',
    'status-word wait-q/rerun',
  ]);
});

it('a STATUS line that says nothing known is written anew where there is room, with the attempt that history knows', async () => {
  const { root, put, history, kinds, mend } = aWard();
  put('error-q', 'a', { stamp: { seconds: 1_500_000_000, ordinal: 7 }, line: 'broken by hand'.padEnd(63) });
  history(lineFromHistory(anAttempt('a', { stamp: '1500000000-7', attempt: 2, outcome: 'error' })));
  put('done-q', 'short', { line: 'done #1 2026-11-22T04:31:06Z' });
  expect([...kinds('stopped', checks)].sort()).toEqual(['status-line done-q/short', 'status-line error-q/a +']);
  await mend(checks);
  expect(root.status('error-q', 'a')).toMatch(/^error #2 /);
});

it('a STATUS line across two blocks is found', () => {
  const { root, put, kinds } = aWard();
  put('done-q', 'a');
  const text = readFileSync(root.path('done-q/a'), 'latin1');
  const at = text.indexOf('done #1');
  writeFileSync(root.path('done-q/a'), text.replace('==== STATUS', `${'\n'.repeat(500 - at)}==== STATUS`), 'latin1');
  expect(kinds('quiet', checks)).toEqual(['status-line done-q/a']);
});

it('a STATUS that tells of fewer attempts than history is found and mended, for what waits only without a monitor', async () => {
  const { root, put, history, kinds, mend } = aWard();
  const stamp = { seconds: 1_500_000_000, ordinal: 7 };
  put('done-q', 'a', { stamp });
  put('wait-q', 'b', { stamp: { seconds: 1_500_000_000, ordinal: 8 }, status: { word: 'waiting', attempt: 1 } });
  history(lineFromHistory(anAttempt('a', { stamp: '1500000000-7', attempt: 3 })));
  history(lineFromHistory(anAttempt('b', { stamp: '1500000000-8', attempt: 2 })));
  expect([...kinds('live', checks)].sort()).toEqual(['attempt-number done-q/a +', 'attempt-number wait-q/b']);
  await mend(checks);
  expect(root.status('done-q', 'a')).toMatch(/^done #3 /);
  expect(root.status('wait-q', 'b')).toMatch(/^waiting #2 /);
});

it('files of people that never were the monitor’s are left alone', () => {
  const { root, kinds } = aWard();
  writeFileSync(root.path('done-q/README.md'), 'read me');
  writeFileSync(root.path('done-q/notes'), 'no UOW\n');
  appendFileSync(root.path('error-q/.hidden'), 'x');
  expect(kinds('stopped', checks)).toEqual([]);
});
