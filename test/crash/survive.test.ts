// What goes on while no monitor runs, or another version of it: jobs, their limits, the switches; and who may be the monitor.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { realProcesses } from '../../src/system/processes.ts';
import { afterwards } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { guardianOf } from '../support/hands.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { program, testRoot, type TestRoot } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';
import { processesWith } from '../support/victims.ts';
import { aWitness } from '../support/witness.ts';

it('SHUTDOWN and Ctrl-C leave jobs; an adopted one can be killed; PAUSE and SLOTS outlive a restart; FINISH waits', async () => {
  const root = testRoot();
  const witness = aWitness();
  const gate = witness.gate('b');
  const mark = `sleep 986.${process.pid}`;
  root.drop('a', [
    'label :: A',
    `command :: ${witness.tell}`,
    `command :: setsid ${mark} & exec ${mark}`,
    'grace :: 1',
  ]);

  const first = await root.monitor();
  await witness.started('a');
  root.message('SHUTDOWN');
  expect(await first.ended).toBe(0);
  expect(realProcesses.isAlive(guardianOf(root, 'a'))).toBe(true);

  const second = await root.monitor();
  root.message('SLOTS 2');
  root.message('PAUSE');
  await eventually(() => root.says().includes('paused'), { what: 'PAUSE is answered' });
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(realProcesses.isAlive(guardianOf(root, 'a'))).toBe(true);

  const third = await root.monitor();
  root.drop('b', ['label :: B', `command :: ${witness.tell}`, `command :: ${gate.wait}`]);
  root.drop('c', ['label :: C', `command :: ${witness.tell}`]);
  await eventually(() => root.says().includes('taken-in c '), { what: 'c is taken in' });
  expect(root.list('wait-q')).toEqual(['b', 'c']);
  root.message('RESUME');
  // Two slots: b starts beside a, and c does not.
  await witness.started('b');
  expect(root.list('wait-q')).toEqual(['c']);

  root.message('KILL JOB a');
  await root.arrival('fail-q', 'a');
  expect(root.status('fail-q', 'a')).toMatch(/^fail killed #1 /);
  // Promise 6: the whole tree, a process in a session of its own too.
  expect(processesWith(mark)).toEqual([]);
  await root.arrival('done-q', 'c');

  root.message('FINISH');
  await eventually(() => root.says().includes('ends after the running jobs'), { what: 'FINISH is answered' });
  root.drop('d', ['label :: D', `command :: ${witness.tell}`]);
  await eventually(() => root.says().includes('taken-in d '), { what: 'd is taken in' });
  expect(third.child.exitCode).toBeNull();
  gate.open();
  expect(await third.ended).toBe(0);
  const expected = [
    { id: 'A', queues: ['fail-q'], starts: [1] },
    { id: 'B', queues: ['done-q'], starts: [1] },
    { id: 'C', queues: ['done-q'], starts: [1] },
    { id: 'D', queues: ['wait-q'], starts: [0] },
  ] as const;
  expect(brokenInvariants(root.dir, expected, witness.starts)).toEqual([]);
});

it('a copy of a root whose jobs run does them no harm when a monitor serves it: there they are interrupted, here they run on', async () => {
  const root = testRoot();
  const witness = aWitness();
  const gate = witness.gate('a');
  root.drop('a', ['label :: A', `command :: ${witness.tell}`, `command :: ${gate.wait}`]);
  await root.monitor();
  await witness.started('a');

  const copy = testRoot();
  execFileSync('cp', ['-a', `${root.dir}/.`, copy.dir]);
  await copy.monitor();
  await copy.arrival('fail-q', 'a');
  expect(copy.status('fail-q', 'a')).toMatch(/^fail interrupted #1 /);
  expect(copy.says()).toMatch(/ attention a its job runs on in the root that this one is a copy of/);

  gate.open();
  await root.arrival('done-q', 'a');
  expect(root.status('done-q', 'a')).toMatch(/^done exit=0 #1 /);
  await eventually(() => readdirSync(root.path('.sjq/runs')).length === 0, { what: 'the attempt is over' });
  expect(brokenInvariants(root.dir, [{ id: 'A', queues: ['done-q'], starts: [1] }], witness.starts)).toEqual([]);
});

it('a monitor whose .sjq is removed ends with 75, and the next one serves: what ran is interrupted, what waits starts', async () => {
  const root = testRoot('sleep: 1s\n');
  const witness = aWitness();
  const gate = witness.gate('a');
  root.drop('a', ['label :: A', `command :: ${witness.tell}`, `command :: ${gate.wait}`]);
  const first = await root.monitor();
  await witness.started('a');
  rmSync(root.path('.sjq'), { recursive: true });
  root.drop('b', ['label :: B', `command :: ${witness.tell}`]);
  expect(await first.ended).toBe(75);
  expect(first.stderr()).toMatch(/ended: its directory \.sjq was removed or replaced: start it again/);

  await root.monitor();
  await root.arrival('done-q', 'b');
  gate.open();
  await root.arrival('fail-q', 'a');
  expect(root.status('fail-q', 'a')).toMatch(/^fail interrupted #1 /);
  expect(witness.starts.map(({ name }) => name).sort()).toEqual(['a', 'b']);
});

it('an upgrade under a running monitor is harmless: launcher.sh is overwritten, jobs end and start as before', async () => {
  const root = testRoot();
  const witness = aWitness();
  const gate = witness.gate('a');
  const copy = scratchFolder();
  const project = dirname(dirname(dirname(program)));
  cpSync(join(project, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(project, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  const child = spawn(process.execPath, [join(copy, 'dist/cli/main.js'), 'monitor', '--root', root.dir], {
    stdio: 'ignore',
  });
  afterwards(() => child.kill('SIGKILL'));
  root.drop('a', ['label :: A', `command :: ${witness.tell}`, `command :: ${gate.wait}`, 'command :: exit 3']);
  await witness.started('a');
  // In place, as cp and git do: bash has the very file open.
  const script = join(copy, 'dist/system/launcher.sh');
  const before = readFileSync(script, 'utf8');
  writeFileSync(script, 'exit 99\n'.repeat(before.length / 8));
  gate.open();
  await root.arrival('error-q', 'a');
  expect(root.status('error-q', 'a')).toMatch(/^error exit=3 #1 /);
  root.drop('b', ['label :: B', `command :: ${witness.tell}`]);
  await root.arrival('done-q', 'b');
});

it('promise 8: of monitors that start at once on one root one serves it, and every job runs once', async () => {
  const root = testRoot('slots: 2');
  const witness = aWitness();
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const name of names) root.drop(name, [`label :: ${name.toUpperCase()}`, `command :: ${witness.tell}`]);
  const racers = await Promise.all([1, 2, 3].map(() => root.monitor()));
  await eventually(() => root.list('done-q').length === names.length, { withinMs: 20_000, what: 'all are done' });
  await eventually(() => racers.filter(({ child }) => child.exitCode === 75).length === 2, {
    withinMs: 20_000,
    what: 'two have given up',
  });
  expect(root.says().match(/ monitor-started /g)).toHaveLength(1);
  await eventually(() => readdirSync(root.path('.sjq/runs')).length === 0, { what: 'the records are dropped' });
  const expected = names.map((name) => ({ id: name.toUpperCase(), queues: ['done-q'], starts: [1] }) as const);
  expect(brokenInvariants(root.dir, expected, witness.starts)).toEqual([]);
});

it('promise 5: no line is lost of writers that append while the monitor is killed, and each is answered', async () => {
  const root = testRoot();
  const script = join(scratchFolder(), 'write.sh');
  writeFileSync(script, `i=0; while [ $i -lt 150 ]; do echo "MARK-$1-$i"; i=$((i + 1)); sleep 0.01; done >> "$2"\n`);
  let monitor = await root.monitor();
  // Each holds the file open for as long as it writes.
  const writers = [1, 2, 3].map((number) => {
    const child = spawn('sh', [script, String(number), root.path('monitor_reads')], { stdio: 'ignore' });
    afterwards(() => child.kill('SIGKILL'));
    return child;
  });
  for (const count of [40, 160]) {
    await eventually(() => answeredIn(root).size >= count, { withinMs: 20_000, what: `${count} lines are answered` });
    await monitor.crash();
    monitor = await root.monitor();
  }
  await eventually(() => writers.every(({ exitCode }) => exitCode === 0), { withinMs: 20_000, what: 'all is written' });
  appendFileSync(root.path('monitor_reads'), 'MARK-last\n');
  await eventually(() => answeredIn(root).size === 451, {
    withinMs: 20_000,
    what: `all lines are answered: ${answeredIn(root).size}`,
  });
});

function answeredIn(root: TestRoot): ReadonlySet<string> {
  return new Set(root.says().match(/MARK-(\d+-\d+|last)\b/g) ?? []);
}

it('promise 7: files, names, messages and jobs that are as bad as can be stop neither the monitor nor the others', async () => {
  const root = testRoot('sleep: 1s');
  const witness = aWitness();
  const monitor = await root.monitor();
  mkdirSync(root.path('wait-q/directory'));
  symlinkSync('/etc/passwd', root.path('wait-q/link'));
  writeFileSync(root.path('job-types/broken.yaml'), '{{{');
  writeFileSync(root.path('wait-q/empty'), '');
  writeFileSync(root.path('wait-q/binary'), Buffer.from([0, 1, 2, 255, 254]));
  writeFileSync(Buffer.from(root.path('wait-q/odd-\xff\n'), 'latin1'), '==== UNIT OF WORK\n\ncommand :: true\n');
  root.message('\x00\xff KILL JOB "');
  root.message('SLOTS 99999999999');
  // A job that leaves directories where the monitor keeps what it knows of it.
  root.drop('nest', ['label :: NEST', 'command :: mkdir -p "$SJQ_RESULT.d/deep" && touch "$SJQ_RESULT.d/deep/file"']);
  root.drop('eats', ['label :: EATS', 'command :: rm -rf "$(dirname "$SJQ_RESULT")"']);
  root.drop('good', ['label :: GOOD', `command :: ${witness.tell}`]);
  await root.arrival('done-q', 'nest');
  await root.arrival('done-q', 'eats');
  await root.arrival('done-q', 'good');
  await eventually(() => readdirSync(root.path('.sjq/runs')).length === 0, { what: 'what they left is dropped' });
  expect(monitor.child.exitCode).toBeNull();
  expect(root.says()).not.toContain('please report it');
});
