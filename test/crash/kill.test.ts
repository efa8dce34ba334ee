// kill -9 of the real monitor, its launcher and its guardians at chosen phases of a job's life, then a restart: nothing lost,
// nothing run twice, and where only the monitor died output and exit code are whole. Any moment: kill-storm.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { launcherOf } from '../support/crashes.ts';
import { eventually } from '../support/eventually.ts';
import { guardianOf } from '../support/hands.ts';
import { brokenInvariants, type ExpectedUow } from '../support/invariants.ts';
import { type QueueName, testRoot, type TestRoot, uowText } from '../support/root.ts';
import { killHard, processesWith } from '../support/victims.ts';
import { aWitness, type Witness } from '../support/witness.ts';

interface Stage {
  readonly root: TestRoot;
  readonly witness: Witness;
  /** Drops a UOW that tells the witness that it starts, and then does `script`. Its label is its name in capitals. */
  readonly drop: (name: string, script?: readonly string[], ...header: readonly string[]) => void;
  /** Gives what is broken of the invariants, with these UOWs where they must be. */
  readonly broken: (...expected: readonly ExpectedUow[]) => readonly string[];
  /** Waits until the records of what has ended are dropped. */
  readonly settled: () => Promise<void>;
}

function stage(config = ''): Stage {
  const root = testRoot(config);
  const witness = aWitness();
  return {
    root,
    witness,
    drop(name, script = [], ...header) {
      const commands = [witness.tell, ...script].map((line) => `command :: ${line}`);
      root.drop(name, uowText(`label :: ${name.toUpperCase()}`, ...commands, ...header));
    },
    broken: (...expected) => brokenInvariants(root.dir, expected, witness.starts),
    async settled() {
      await eventually(() => brokenInvariants(root.dir, [], []).every((line) => !line.startsWith('left in .sjq')), {
        what: 'nothing is left in .sjq',
      });
    },
  };
}

const once = (name: string, queue: QueueName, log: string): ExpectedUow => ({
  ...{ id: name.toUpperCase(), queues: [queue], starts: [1] },
  log: new RegExp(`^${log}$`),
});

/** How many attempts have their result in their record. */
function resultsIn(root: TestRoot): number {
  const names = readdirSync(root.path('.sjq/runs')).filter((name) => name.endsWith('.run'));
  return names.filter((name) => readFileSync(root.path('.sjq/runs', name), 'latin1').includes('result code=')).length;
}

it('promise 4: a running job does not notice that its monitor and its launcher are killed; output and exit code arrive', async () => {
  const { root, witness, drop, broken, settled } = stage('slots: 3');
  const gate = witness.gate('g');
  drop('a', [gate.wait, 'echo late', 'exit 3']);
  // The launcher dies too.
  drop('b', [gate.wait, 'echo late']);
  const first = await root.monitor();
  const launcher = await launcherOf(root);
  await witness.started('a');
  await witness.started('b');
  await killHard(launcher);
  await first.crash();
  gate.open();
  // Ended while nobody looked.
  await eventually(() => resultsIn(root) === 2, { what: 'both jobs have ended' });
  const endedAt = Date.now();
  await root.monitor();
  await root.arrival('error-q', 'a');
  await root.arrival('done-q', 'b');
  await settled();
  expect(root.status('error-q', 'a')).toMatch(/^error exit=3 #1 /);
  expect(broken(once('a', 'error-q', 'out 1\nlate\n'), once('b', 'done-q', 'out 1\nlate\n'))).toEqual([]);
  // Its times are those of its end, not of its finish.
  const entry = root.history().find(({ name }) => name === 'a');
  expect(Date.parse(String(entry?.['ended_at']))).toBeLessThanOrEqual(endedAt);
});

it('a guardian that is killed while its job runs: its tree is ended, the UOW interrupted, or made again if idempotent', async () => {
  const { root, witness, drop, broken, settled } = stage('slots: 4');
  const gate = witness.gate('again');
  drop('a', [`exec sleep 987.${process.pid}`], 'grace :: 1');
  drop('b', [gate.wait], 'idempotent :: yes', 'grace :: 1');
  // Its guardian dies while it ends the tree: TERM is ignored, the grace is long.
  drop('c', ["trap '' TERM", 'echo ignoring', gate.wait], 'timeout :: 1', 'grace :: 1h');
  // Its guardian dies while no monitor runs.
  drop('d', [`exec sleep 987.${process.pid}`], 'grace :: 1');
  const first = await root.monitor();
  for (const name of ['a', 'b', 'c', 'd']) await witness.started(name);
  await killHard(guardianOf(root, 'a'));
  await killHard(guardianOf(root, 'b'));
  await root.arrival('fail-q', 'a');
  await witness.started('b', 2);
  gate.open();
  const guardianOfD = guardianOf(root, 'd');
  await killHard(guardianOf(root, 'c'));
  await first.crash();
  await killHard(guardianOfD);
  await root.monitor();
  await root.arrival('fail-q', 'd');
  await root.arrival('fail-q', 'c');
  await root.arrival('done-q', 'b');
  await settled();
  for (const name of ['a', 'c', 'd']) expect(root.status('fail-q', name)).toMatch(/^fail interrupted #1 /);
  expect(root.status('done-q', 'b')).toMatch(/^done exit=0 #2 /);
  expect(processesWith(`sleep 987.${process.pid}`)).toEqual([]);
  const interrupted = ['A', 'C', 'D'].map((id): ExpectedUow => ({ id, queues: ['fail-q'], starts: [1] }));
  expect(broken(...interrupted, { id: 'B', queues: ['done-q'], starts: [2] })).toEqual([]);
});

it('a job that removes its own started file is neither started twice nor taken for dead, whoever is killed', async () => {
  const { root, witness, drop, broken, settled } = stage();
  const gate = witness.gate('g');
  drop('a', ['rm -f "$(dirname "$SJQ_PROGRESS")/started"', 'echo removed', gate.wait, 'echo late']);
  const first = await root.monitor();
  const launcher = await launcherOf(root);
  await eventually(() => root.log('currently-executing', 'a').includes('removed'), { what: 'the file is removed' });
  // The monitor asks another launcher for what it does not know to be started.
  await killHard(launcher);
  await eventually(() => root.says().includes('the launcher ended'), { what: 'the monitor has noticed' });
  await first.crash();
  await root.monitor();
  gate.open();
  await root.arrival('done-q', 'a');
  await settled();
  expect(broken(once('a', 'done-q', 'out 1\nremoved\nlate\n'))).toEqual([]);
});
