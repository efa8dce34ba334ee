// Every system call of the real processes in a UOW's life: the monitor, or its launcher with all it forks, is killed at the Nth
// call of a kind, or that call fails; then a clean monitor, and everything must hold. A common run takes one call of each kind, which
// SJQ_SEED chooses; torture takes all. `SJQ_POINT='monitor, EIO at write 5'`, as a failure names it, takes that one alone.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { launcherOf } from '../support/crashes.ts';
import { eventually } from '../support/eventually.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { chance, figure, isTorture, seed, share, shuffled } from '../support/rig.ts';
import { testRoot, type TestMonitor, type TestRoot } from '../support/root.ts';
import { aLoad, type Load } from '../support/storm-load.ts';
import { expectedOf, faultsOf, type Loss } from '../support/storm-verdict.ts';
import { isQuiet, quiet } from '../support/storm-quiet.ts';
import { survivorsOf } from '../support/storm-victims.ts';
import { type Injection, installMs, needStrace, trace, type Traced } from '../support/strace.ts';
import { aWitness, type Witness } from '../support/witness.ts';

type Who = 'monitor' | 'launcher';
/** What the rig does to one UOW's life. */
interface Point extends Injection {
  readonly who: Who;
}

/** The kinds of call that change something or that a kernel refuses, each with the errors it is given. */
const kinds: Readonly<Record<Who, Readonly<Record<string, readonly string[]>>>> = {
  monitor: {
    openat: ['KILL', 'EMFILE', 'ENOSPC', 'EIO'],
    read: ['EIO'],
    pread64: ['EIO'],
    write: ['KILL', 'ENOSPC', 'EIO'],
    pwrite64: ['KILL', 'EIO'],
    fsync: ['KILL', 'EIO'],
    fdatasync: ['KILL', 'EIO'],
    link: ['KILL', 'ENOSPC', 'EIO'],
    unlink: ['KILL', 'EIO'],
    rename: ['KILL', 'ENOSPC'],
    mkdir: ['KILL', 'ENOSPC'],
    rmdir: ['KILL', 'EIO'],
    statx: ['EIO'],
    getdents64: ['EIO'],
  },
  launcher: {
    // Not read: bash reads byte by byte, and the calls are tens of thousands.
    openat: ['KILL', 'EMFILE', 'EIO'],
    write: ['KILL', 'ENOSPC', 'EIO'],
    dup2: ['KILL', 'EMFILE'],
    close: ['KILL'],
    pipe2: ['KILL', 'EMFILE'],
    clone: ['KILL', 'EAGAIN'],
    execve: ['KILL', 'ENOMEM', 'E2BIG'],
    wait4: ['KILL'],
    kill: ['KILL'],
  },
};
/** So many lives of UOWs go on side by side, each in a root of its own: most of a life is waiting. */
const lanes = isTorture ? 3 : 4;
const only = process.env['SJQ_POINT'];
/** A root is put away after so many. */
const pointsARoot = 25;

it(
  'promises 1 to 4: monitor, launcher and guardian killed at any system call, or with any refused: each UOW ends once, as documented',
  async (context) => {
    needStrace(context);
    const points = chosen(await counted());
    const broken: string[] = [];
    const next = points[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        let stage = await aStage();
        let count = 0;
        for (const point of next) {
          if (count++ % pointsARoot === pointsARoot - 1) {
            await stage.monitor.stop();
            stage = await aStage();
          }
          const faults = await live(stage, point);
          broken.push(...faults.map((fault) => `${nameOf(point)}: ${fault}`));
          if (faults.length > 0) {
            await stage.monitor.stop();
            stage = await aStage();
          }
        }
        await stage.monitor.stop();
      }),
    );
    figure('syscalls', 'violations', broken.length);
    expect(broken, `seed ${seed}`).toEqual([]);
  },
  isTorture ? 12 * 3_600_000 : installMs + 300_000,
);

interface Stage {
  readonly root: TestRoot;
  readonly witness: Witness;
  readonly load: Load;
  readonly losses: Map<string, Set<Loss>>;
  monitor: TestMonitor;
}

async function aStage(): Promise<Stage> {
  const root = testRoot('slots: 4\nsleep: 1s\n');
  const witness = aWitness();
  const load = aLoad(root, witness, chance(1), true);
  const stage: Stage = { root, witness, load, losses: new Map(), monitor: await root.monitor() };
  await warm(stage);
  return stage;
}

/** The launcher runs from the first job on. */
async function warm({ root, load }: Stage): Promise<void> {
  load.drop();
  await quiet(root, load);
  await launcherOf(root);
}

/** Gives how many calls of each kind an undisturbed life has, at most, in any one process that is not the job's own. */
async function counted(): Promise<Readonly<Record<Who, ReadonlyMap<string, number>>>> {
  const { root, load, monitor } = await aStage();
  const launcher = await launcherOf(root);
  const tracers = {
    monitor: await trace(monitor.pid, Object.keys(kinds.monitor)),
    launcher: await trace(launcher, Object.keys(kinds.launcher)),
  };
  for (let count = 0; count < 2; count++) load.drop();
  await quiet(root, load);
  await wait(300);
  const most = (of: readonly Traced[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { calls } of of)
      for (const [call, count] of calls) counts.set(call, Math.max(count, counts.get(call) ?? 0));
    return counts;
  };
  const ofLauncher = tracers.launcher.seen();
  for (const tracer of Object.values(tracers)) await tracer.detach();
  await monitor.stop();
  return {
    monitor: most(tracers.monitor.seen()),
    launcher: most(ofLauncher.filter((each) => roleOf(each, ofLauncher, launcher) !== 'job')),
  };
}

function chosen(counts: Readonly<Record<Who, ReadonlyMap<string, number>>>): readonly Point[] {
  const random = chance(7);
  const all = (['monitor', 'launcher'] as const).flatMap((who) =>
    Object.entries(kinds[who]).flatMap(([call, hows]) =>
      hows.flatMap((how): readonly Point[] => {
        const most = counts[who].get(call) ?? 0;
        if (most === 0) return [];
        // No life has exactly as many as another: of the first half each has all.
        const at =
          isTorture || only !== undefined
            ? Array.from({ length: most }, (_each, number) => number + 1)
            : [1 + random(Math.ceil(most / 2))];
        return at.map((each) => ({ who, call, how, at: each }));
      }),
    ),
  );
  const inOrder = shuffled(all.length, 8).flatMap((number) => all[number - 1] ?? []);
  return only === undefined ? share(inOrder) : inOrder.filter((point) => nameOf(point) === only);
}

/** Lets two UOWs live while the point comes to a process; then a clean monitor, if need be. Gives what is wrong. */
async function live(stage: Stage, point: Point): Promise<readonly string[]> {
  const { root, load, losses, witness } = stage;
  const pid = point.who === 'monitor' ? stage.monitor.pid : await launcherOf(root);
  const tracer = await trace(pid, [], point);
  const before = load.uows.length;
  load.drop();
  load.drop();
  let metAt: number | undefined;
  await eventually(
    () => {
      if (metAt === undefined && tracer.seen().some(({ isMet }) => isMet)) metAt = performance.now();
      // What is stuck now is a new monitor's to go on with: the old one would, in half a minute.
      return isQuiet(root, load) || !isAlive(stage) || (metAt !== undefined && performance.now() - metAt > 2000);
    },
    { withinMs: 60_000, what: `${nameOf(point)} comes, or all is quiet: ${root.says().slice(-2000)}` },
  );
  await tracer.detach();
  const seen = tracer.seen();
  const met = seen.filter(({ isMet }) => isMet);
  figure('syscalls', met.length > 0 ? (point.how === 'KILL' ? 'kills' : 'errors') : 'calls not come to', 1);
  // A monitor that starts another launcher is traced together with that one.
  const launcher = point.who === 'launcher' ? pid : startedBy(pid, seen);
  const ofJobs = launcher === undefined ? [] : met.filter((each) => isBelow(launcher, each, seen));
  const lost = new Set(ofJobs.flatMap((each) => lossesOf(point, roleOf(each, seen, launcher ?? pid))));
  for (const { id } of load.uows.slice(before)) losses.set(id, lost);
  if (!isQuiet(root, load) || !isAlive(stage)) {
    await stage.monitor.crash();
    stage.monitor = await root.monitor();
  }
  await quiet(root, load, nameOf(point));
  const none: ReadonlySet<Loss> = new Set();
  const faults = [
    ...brokenInvariants(
      root.dir,
      load.uows.map((uow) => expectedOf(uow, losses.get(uow.id) ?? none)),
      witness.starts,
    ),
    ...load.uows
      .slice(before)
      .flatMap((uow) => faultsOf(root, uow, losses.get(uow.id) ?? none, witness.startsOf(uow.id))),
    ...survivorsOf(root),
  ];
  if (faults.length === 0) await warm(stage);
  return faults.length === 0 ? [] : [...faults, root.says().slice(-2000)];
}

/** Gives the launcher that a monitor was seen to start, if it was. */
function startedBy(monitor: number, all: readonly Traced[]): number | undefined {
  return all.find(({ parent, program }) => parent === monitor && program?.endsWith('/bash'))?.pid;
}

function isBelow(top: number, { pid, parent }: Traced, all: readonly Traced[]): boolean {
  if (pid === top) return true;
  const above = all.find((each) => each.pid === parent);
  return above !== undefined && isBelow(top, above, all);
}

type Role = 'launcher' | 'guardian' | 'tee' | 'sleeper' | 'fork' | 'job';

function roleOf({ pid, parent, program }: Traced, all: readonly Traced[], launcher: number): Role {
  if (pid === launcher) return 'launcher';
  if (parent === launcher) return 'guardian';
  const isOfGuardian = all.find((each) => each.pid === parent)?.parent === launcher;
  if (!isOfGuardian) return 'job';
  if (program === undefined) return 'fork';
  if (program.endsWith('/tee')) return 'tee';
  return program.endsWith('/sleep') ? 'sleeper' : 'job';
}

/** What the UOW of a process may lose by a kill or an error of it. A fork is what has not yet become tee, job or sleeper. */
function lossesOf({ how }: Point, role: Role): readonly Loss[] {
  const isKill = how === 'KILL';
  switch (role) {
    case 'launcher':
    case 'sleeper':
      return [];
    case 'guardian':
      return isKill ? ['guardian'] : ['guardian', 'tee', 'start'];
    case 'tee':
      return ['tee'];
    case 'fork':
      return isKill ? ['job', 'tee'] : ['tee', 'start'];
    case 'job':
      return isKill ? ['job'] : ['own'];
  }
}

function nameOf({ who, call, how, at }: Point): string {
  return `${who}, ${how} at ${call} ${at}`;
}

function isAlive({ monitor: { child } }: Stage): boolean {
  return child.exitCode === null && child.signalCode === null;
}
