// Jobs that do what no job should: each ends in its documented place, nothing of it lives on, and its neighbours do not notice.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openCgroups } from '../../src/system/cgroups.ts';
import { realProcesses } from '../../src/system/processes.ts';
import { afterwards } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { type HostileJob, hostileJobs, mark } from '../support/hostile-jobs.ts';
import { holdingsOf, isAtRest, isServed } from '../support/hostile.ts';
import { chance, figure, isTorture, shuffled, times } from '../support/rig.ts';
import { type RunsAs, type TestRoot, testRoot } from '../support/root.ts';
import { killAfterTest, killIfThere } from '../support/scratch.ts';
import { processesWith } from '../support/victims.ts';

const rig = 'hostile-jobs';
const isRoot = process.getuid?.() === 0;
// Users that are on every Debian and own nothing.
const games: RunsAs = { uid: 5, gid: 60 };
const news: RunsAs = { uid: 9, gid: 9 };

function hasEnded(root: TestRoot, { name, queue }: HostileJob): boolean {
  return existsSync(root.path(queue, name)) && !root.status(queue, name).startsWith('running');
}

/** Gives what is not as the table says. */
function wrongOf(root: TestRoot, job: HostileJob): readonly string[] {
  const { name, queue, status, log, says, trash } = job;
  const wrong: string[] = [];
  if (
    root
      .where(name)
      .filter((each) => each !== 'trash')
      .join() !== queue
  ) {
    const found = root
      .where(name)
      .map((each) => `${each} (${lstatSync(root.path(each, name)).isFile() ? root.status(each, name) : '?'})`);
    return [`${name} stands in ${found.join(', ')}, not in ${queue}`];
  }
  const found = root.status(queue, name);
  if (!found.startsWith(`${status} #1 `)) wrong.push(`${name} says "${found}", not "${status}"`);
  const text = root.log(queue, name);
  if (log && !log.test(text)) wrong.push(`${name} has the log ${JSON.stringify(text.slice(0, 300))}`);
  if (says && !says.test(root.says())) wrong.push(`${name}: monitor_says has nothing like ${String(says)}`);
  if (trash !== undefined && !root.list('trash').includes(trash)) wrong.push(`${trash} is not in trash`);
  return wrong;
}

/** Runs the whole table in one root, in an order that chance decides; gives what did not end as it says. */
async function allEndWell(round: number, as?: RunsAs): Promise<void> {
  const root = testRoot(`slots: ${6 + chance(round)(6)}\nsleep: 1s\n`, as);
  const monitor = await root.monitor();
  await isServed(root);
  const before = holdingsOf(monitor.pid);
  root.drop('neighbour', ['command :: touch up; until [ -e all-ended ]; do sleep 0.1; done; echo undisturbed']);
  await eventually(() => existsSync(root.path('up')), { what: 'the neighbour runs' });
  for (const at of shuffled(hostileJobs.length, round)) {
    const job = hostileJobs[at - 1];
    if (job) root.drop(job.name, job.header);
  }
  const running = (): readonly HostileJob[] => hostileJobs.filter((job) => !hasEnded(root, job));
  // If not, it is told below which have not, and where they are.
  await eventually(() => running().length === 0, { withinMs: 90_000, what: 'all have ended' }).catch(() => undefined);
  const wrong = hostileJobs.flatMap((job) => wrongOf(root, job));
  figure(rig, 'jobs', hostileJobs.length);
  figure(rig, 'violations', wrong.length);
  // Thrown with all of them in its first line, which is what is told of a first try that failed and was repeated.
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  await isServed(root);
  writeFileSync(root.path('all-ended'), '');
  await root.arrival('done-q', 'neighbour');
  expect(root.log('done-q', 'neighbour')).toBe('undisturbed\n');
  expect(processesWith(mark)).toEqual([]);
  await isAtRest(root, monitor, before);
  await monitor.stop();
}

const longMs = isTorture ? 7_200_000 : 150_000;

it(
  'jobs that daemonise, bomb, kill what watches them and tear at their own files end where the documentation says',
  async () => {
    for (let round = 1; round <= times(1, 20); round++) await allEndWell(round);
  },
  longMs,
);

it.runIf(isRoot)(
  'under a monitor of another user than root they end the same way',
  async () => {
    for (let round = 1; round <= times(1, 20); round++) await allEndWell(100 + round, games);
  },
  longMs,
);

it('a job that stops itself or its guardian holds its slot until KILL JOB, which ends it', async () => {
  const root = testRoot('slots: 4\n');
  const monitor = await root.monitor();
  const jobs: Readonly<Record<string, string>> = {
    'stops-itself': 'touch up-stops-itself; kill -STOP $$',
    'stops-guardian': `touch up-stops-guardian; kill -STOP $PPID; exec ${mark}`,
    // It has ended; only its guardian could say so.
    'stops-guardian-and-ends': 'touch up-stops-guardian-and-ends; kill -STOP $PPID; exit 0',
  };
  for (const [name, command] of Object.entries(jobs)) root.drop(name, [`command :: ${command}`, 'grace :: 1s']);
  for (const name of Object.keys(jobs)) {
    await eventually(() => existsSync(root.path(`up-${name}`)), { withinMs: 10_000, what: `${name} runs` });
  }
  await isServed(root);
  for (const name of Object.keys(jobs)) {
    expect(root.where(name)).toEqual(['currently-executing']);
    root.message(`KILL JOB ${name}`);
  }
  for (const name of Object.keys(jobs)) {
    await root.arrival('fail-q', name);
    expect(root.status('fail-q', name)).toMatch(/^fail killed #1 /);
  }
  expect(processesWith(mark)).toEqual([]);
  await monitor.stop();
});

it('a job that kills the monitor goes on, and the next monitor finds its end', async () => {
  const root = testRoot();
  const monitor = await root.monitor();
  root.drop('killer', [
    `command :: kill -9 $(sed -n 's/^pid //p' .sjq/monitor); until [ -e go ]; do sleep 0.05; done; echo on; exit 3`,
  ]);
  expect(await monitor.ended).toBe('SIGKILL');
  expect(root.status('currently-executing', 'killer')).toMatch(/^running #1 /);
  writeFileSync(root.path('go'), '');
  await root.monitor();
  await root.arrival('error-q', 'killer');
  expect(root.log('error-q', 'killer')).toBe('on\n');
  await isServed(root);
});

/** Leaves a process with a session, a parent and an environment of its own; its pid stands in the file. */
const escape = `env -i setsid sh -c 'sleep 86399 > /dev/null 2>&1 & echo $! > escaped'; until [ -s escaped ]; do :; done`;

it('without a control group a process lives on that left group, parent and token; with one none does', async (context) => {
  const root = testRoot('cgroup: off\n');
  await root.monitor();
  root.drop('escapes', [`command :: ${escape}`]);
  await root.arrival('done-q', 'escapes');
  const pid = Number(readFileSync(root.path('escaped'), 'utf8'));
  killAfterTest(pid);
  expect(realProcesses.isAlive(pid)).toBe(true);
  killIfThere(pid);

  const groups = isRoot ? openCgroups('own', 0) : undefined;
  groups?.close();
  if (!groups) {
    console.log('SKIPPED: a process that escapes from a control group: no cgroup v2 of our own here');
    return context.skip('no cgroup v2 of our own here');
  }
  const guarded = testRoot('cgroup: own\n');
  await guarded.monitor();
  guarded.drop('escapes', [`command :: ${escape}`]);
  await guarded.arrival('done-q', 'escapes');
  expect(realProcesses.isAlive(Number(readFileSync(guarded.path('escaped'), 'utf8')))).toBe(false);
  await eventually(() => / ended escapes .* leftovers=1 /.test(guarded.says()), { what: 'the leftover is told' });
});

it.runIf(isRoot)(
  'a job that ends every process of its user is interrupted; the next monitor says so and serves',
  async () => {
    const root = testRoot('', news);
    const monitor = await root.monitor();
    root.drop('ends-all', ['command :: sleep 0.2; kill -9 -1']);
    expect(await monitor.ended).toBe('SIGKILL');
    await root.monitor();
    await root.arrival('fail-q', 'ends-all');
    expect(root.status('fail-q', 'ends-all')).toMatch(/^fail interrupted #1 /);
    await isServed(root);
  },
);

it('a job that makes its UOW immutable keeps its slot until that is undone, and disturbs nobody', async (context) => {
  const root = testRoot('slots: 2\nsleep: 1s\n');
  await root.monitor();
  writeFileSync(root.path('probe'), '');
  if (spawnSync('chattr', ['+i', root.path('probe')]).status !== 0) {
    console.log('SKIPPED: a job that makes its UOW immutable: chattr +i does not work here');
    return context.skip('chattr +i does not work here');
  }
  const undo = (path: string): void => void spawnSync('chattr', ['-i', path], { stdio: 'ignore' });
  undo(root.path('probe'));
  afterwards(() => undo(root.path('currently-executing/rigid')));
  root.drop('rigid', ['command :: echo one; until grep -q ^one "$SJQ_UOW"; do :; done; chattr +i "$SJQ_UOW"; exit 4']);
  await eventually(() => / fault rigid cannot (finish|clean up|restore)/.test(root.says()), {
    withinMs: 15_000,
    what: `it is said: ${root.says()}`,
  });
  await isServed(root);
  await isServed(root);
  expect(root.where('rigid')).toEqual(['currently-executing']);
  undo(root.path('currently-executing/rigid'));
  await root.arrival('error-q', 'rigid');
  expect(root.log('error-q', 'rigid')).toBe('one\n');
});
