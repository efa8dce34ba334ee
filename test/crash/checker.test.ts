// The checker of the rigs checked: a root with one UOW of each fault that a rig must be able to see, and none where all is well.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { brokenInvariants, brokenLogs, type ExpectedUow } from '../support/invariants.ts';
import { type TestRoot, testRoot } from '../support/root.ts';
import { aWitness, type Witness } from '../support/witness.ts';

const expected: readonly ExpectedUow[] = [{ id: 'A', queues: ['done-q'], starts: [1], log: /^out 1\n$/ }];

/** A root in which a UOW has run once, and what its job told. */
async function afterOneJob(): Promise<{ readonly root: TestRoot; readonly witness: Witness }> {
  const root = testRoot();
  const witness = aWitness();
  root.drop('a', ['label :: A', `command :: ${witness.tell}`]);
  await root.sjq('once', '-q');
  return { root, witness };
}

it('a root in which all is well breaks nothing, and each fault made in it is told', async () => {
  const { root, witness } = await afterOneJob();
  const { starts } = witness;
  const [start] = starts;
  if (!start) throw new Error('it was not started');
  expect(start.nonce).toMatch(/^[0-9a-f-]{36}$/);
  expect(brokenInvariants(root.dir, expected, starts)).toEqual([]);
  // One line told twice is one start; two starts of an attempt have two nonces.
  expect(brokenInvariants(root.dir, [], [start, start], ['A'])).toEqual([]);
  expect(brokenInvariants(root.dir, [], [start, { ...start, nonce: 'another' }], ['A'])).toEqual([
    expect.stringMatching(/^attempt 1 of a \(\S+\) was started twice$/),
  ]);
  expect(brokenInvariants(root.dir, [], [{ ...start, status: 'waiting #0' }], ['A'])).toHaveLength(1);
  expect(brokenInvariants(root.dir, [{ id: 'B', queues: ['done-q'] }], starts)).toEqual([
    expect.stringMatching(/^B stands 0 times/),
    "done-q/a is nobody's",
  ]);
  writeFileSync(root.path('.sjq/intake/wait/a'), 'x');
  expect(brokenInvariants(root.dir, expected, starts)).toEqual([
    'left in .sjq: .sjq/intake/wait/a: was set aside to be taken in, and is not',
  ]);
  rmSync(root.path('.sjq/intake/wait/a'));
  const history = readFileSync(root.path('history.jsonl'), 'utf8');
  writeFileSync(root.path('history.jsonl'), history.replace(/^.*"kind":"attempt".*\n/m, ''));
  expect(brokenInvariants(root.dir, expected, starts)[0]).toMatch(/^history has 0 lines of attempt 1 of a /);
  writeFileSync(root.path('history.jsonl'), history);
  renameSync(root.path('done-q/a'), root.path('fail-q/a'));
  expect(brokenInvariants(root.dir, expected, starts)).toEqual([
    'A stands in fail-q/a, not in done-q',
    'fail-q/a: STATUS says done, and it stands in fail-q',
  ]);
});

it('a log is held to what its attempts printed: exactly, or as far as a power cut let it come', async () => {
  const { root } = await afterOneJob();
  const head = root.read('done-q', 'a').replace(/out 1\n$/, '');
  const withLog = (log: string): void => writeFileSync(root.path('done-q/a'), head + log, 'latin1');
  const broken = (how: 'exact' | 'prefix', ...printed: readonly string[]): number =>
    brokenLogs(root.dir, [{ id: 'A', printed }], how).length;
  expect([broken('exact', 'out 1\n'), broken('exact', 'out 2\n'), broken('exact', 'out 1\n', 'x')]).toEqual([0, 1, 1]);
  withLog('out 1\n\n==== ATTEMPT 2 2026-11-22T04:31:06Z\nout 2\n\n==== NOTE 2026-11-22T04:31:06Z - seen\n');
  expect([broken('exact', 'out 1\n', 'out 2\n'), broken('exact', 'out 1\n')]).toEqual([0, 1]);
  withLog('out 1\nmo\0\0\0');
  expect([broken('prefix', 'out 1\nmore\n'), broken('exact', 'out 1\nmore\n'), broken('prefix', 'out 1\n')]).toEqual([
    0, 1, 1,
  ]);
});
