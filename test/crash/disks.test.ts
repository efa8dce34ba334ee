// Full, read-only and failing disks under the real monitor and real jobs: a small ext4 on a loop device. Whatever happens to it,
// running jobs run on, no exit code is lost, nothing new is begun, people are told once, and when the disk is well the queue is too.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { afterwards } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { brokenInvariants, type ExpectedUow } from '../support/invariants.ts';
import { needPrograms } from '../support/programs.ts';
import { chance, figure, seed, share, shuffled, times } from '../support/rig.ts';
import { endJobs, program, testRoot, type TestRoot, uowText } from '../support/root.ts';
import { killIfThere } from '../support/scratch.ts';
import { type Shortage, type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { needStrace, trace } from '../support/strace.ts';
import { aWitness } from '../support/witness.ts';

const told = / fault - [^\n]*(?:the disk is full|read-only|the disk fails)/g;

/** How often the monitor told of a trouble of the disk. */
function tellings(text: string): number {
  return text.match(told)?.length ?? 0;
}

async function quiet(root: TestRoot): Promise<void> {
  await eventually(() => readdirSync(root.path('.sjq/runs')).length === 0, {
    withinMs: 30_000,
    what: `the records are dropped: ${root.says()}`,
  });
}

/** What `sjq submit` leaves when it is refused: nothing. */
function halves(root: TestRoot): readonly string[] {
  return readdirSync(root.path('wait-q')).filter((name) => name.startsWith('.sjq-submit'));
}

it('a disk without room for bytes or for names is said once, starts nothing, costs no exit code, and is made good by room alone', async (context) => {
  await Promise.all((['bytes', 'names'] as const).map(async (shortage) => runsOut(await smallDisk(context), shortage)));
}, 600_000);

/** Lets a disk run out while one job runs and another waits, and gives it room again; more often in torture. */
async function runsOut(disk: SmallDisk, shortage: Shortage): Promise<void> {
  const root = testRoot('sleep: 1s\nslots: 1\n', undefined, disk.dir);
  const witness = aWitness();
  const monitor = await root.monitor();
  const expected: ExpectedUow[] = [];
  const rounds = times(1, 5);
  for (let round = 1; round <= rounds; round++) {
    const [runs, waits] = [`runs${round}`, `waits${round}`];
    const gate = witness.gate(runs);
    root.drop(runs, [`label :: ${runs}`, `command :: ${witness.tell}; ${gate.wait}; seq 20000; exit 3`]);
    await witness.started(runs);
    root.drop(waits, [`label :: ${waits}`, `command :: ${witness.tell}`]);
    await eventually(() => root.says().includes(`taken-in ${waits}`), { what: 'the other is taken in' });
    disk.fill(shortage);
    gate.open();
    await root.arrival('error-q', runs);
    const isLost = shortage === 'bytes';
    expect(root.status('error-q', runs)).toMatch(isLost ? /^error exit=3 log! #1 / : /^error exit=3 #1 /);
    await eventually(() => tellings(monitor.stderr()) === round, { withinMs: 20_000, what: 'it is said' });
    // The job's end gave a little back, and what the monitor tries the disk with does: until then one may be taken in full.
    const refused = await eventually(
      async () => {
        disk.fill(shortage);
        const id = `new${expected.length}-${round}`;
        const said = await root.sjq('submit', '-n', id, '--field', `label=${id}`, '--field', 'directory=/', 'true');
        if (said.code === 0) expected.push({ id, queues: ['done-q'] });
        return said.code !== 0 && said;
      },
      { withinMs: 30_000, what: 'a submit is refused' },
    );
    expect(refused).toMatchObject({ code: 73, stdout: '' });
    expect(refused.stderr).toMatch(/the disk is full \(ENOSPC\): make room/);
    expect(halves(root)).toEqual([]);
    const status = await root.sjq('status');
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toMatch(new RegExp(`waiting +${waits} `));
    // Tried once more by then, and said no more.
    await wait(6000);
    expect(tellings(monitor.stderr())).toBe(round);
    expect(witness.startsOf(waits)).toBe(0);
    disk.free();
    await root.arrival('done-q', waits);
    expected.push({ id: runs, queues: ['error-q'], starts: [1] }, { id: waits, queues: ['done-q'], starts: [1] });
    if (isLost) expect(root.says()).toMatch(new RegExp(`ended ${runs} .*part of its output could not be written`));
    const line = await eventually(() => root.history().find(({ kind, name }) => kind === 'attempt' && name === runs), {
      what: 'its end is in the history',
    });
    expect(line['log_lost']).toBe(isLost || undefined);
    // A disk that fails again sooner has not been well in between.
    if (round === rounds) break;
    await eventually(() => root.says().match(/the disk takes what is written again/g)?.length === round, {
      withinMs: 30_000,
      what: 'it is said that the trouble is over',
    });
  }
  expect(tellings(root.says())).toBe(rounds);
  await quiet(root);
  expect(brokenInvariants(root.dir, expected, witness.starts)).toEqual([]);
  figure('disks', `times a disk ran out of ${shortage}`, rounds);
}

it('a disk that is filled and freed at any moment loses nothing, starts nothing twice, and keeps every exit code', async (context) => {
  const rounds = times(1, 30);
  let fills = 0;
  for (let round = 0; round < rounds; round++) {
    const random = chance(20_000 + round);
    const disk = await smallDisk(context);
    const root = testRoot('sleep: 1s\nslots: 3\n', undefined, disk.dir);
    const witness = aWitness();
    const monitor = await root.monitor();
    const expected: ExpectedUow[] = [];
    for (let act = 0; act < times(12, 30); act++) {
      const id = `u${act}`;
      const exit = random(2) * 3;
      const command = `command :: ${witness.tell}; seq ${random(3) * 1000}; sleep 0.${random(6)}; seq 10; exit ${exit}`;
      const uow: ExpectedUow = { id, queues: [exit === 0 ? 'done-q' : 'error-q'], starts: [1] };
      // A person's copy that meets a full disk is no UOW; what is there whole is one.
      if (random(2) === 0 && isDropped(root, id, [`label :: ${id}`, command])) expected.push(uow);
      else {
        const submitted = await root.sjq(
          'submit',
          '-n',
          id,
          '--field',
          `label=${id}`,
          '--field',
          `directory=/`,
          command.slice(11),
        );
        if (submitted.code === 0) expected.push(uow);
        else
          expect(submitted).toMatchObject({ code: 73, stderr: expect.stringContaining('the disk is full') as string });
      }
      if (random(4) === 0) tryTo(() => appendFileSync(root.path('monitor_reads'), 'STATUS\n'));
      const what = random(8);
      if (what < 3) {
        disk.fill(what === 0 ? 'names' : 'bytes');
        fills += 1;
      } else if (what < 5) disk.free();
      await wait(random(150));
    }
    disk.fill();
    disk.free();
    const where = (queues: readonly string[], id: string): boolean =>
      queues.some((queue) => existsSync(root.path(queue, id)));
    await eventually(() => expected.every(({ id, queues }) => where(queues, id)), {
      withinMs: 60_000,
      what: `all have ended (seed ${seed}, round ${round}): ${expected
        .filter(({ id, queues }) => !where(queues, id))
        .map(({ id }) => `${id} in ${root.where(id).join(' ')}`)
        .join(', ')}: ${root.says()}`,
    });
    await quiet(root);
    expect(brokenInvariants(root.dir, expected, witness.starts), `seed ${seed}, round ${round}`).toEqual([]);
    expect(halves(root)).toEqual([]);
    expect(root.says()).not.toContain('please report it');
    expect(tellings(monitor.stderr())).toBeLessThanOrEqual(fills);
    await monitor.stop();
  }
  figure('disks', 'times a disk was filled at some moment', fills);
}, 1_200_000);

function tryTo(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (['ENOSPC', 'EROFS', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function isDropped(root: TestRoot, name: string, lines: readonly string[]): boolean {
  return tryTo(() => root.drop(name, uowText(...lines)));
}

/** The calls that take room, and how many of each the life of one UOW has at least. */
const roomTaking = { openat: 12, link: 3, write: 6, pwrite64: 4 } as const;

it('a disk that is filled just as the monitor comes to any call that takes room loses nothing, and starts nothing twice', async (context) => {
  needStrace(context);
  const steps = Object.entries(roomTaking).flatMap(([call, count]) =>
    Array.from({ length: count }, (_, before) => ({ call, how: 'STOP', at: before + 1 })),
  );
  const own = share(shuffled(steps.length, 23), 2);
  let met = 0;
  for (const step of own.map((number) => steps[number - 1] ?? { call: 'link', how: 'STOP', at: 1 })) {
    const disk = await smallDisk(context);
    const root = testRoot('sleep: 1s\n', undefined, disk.dir);
    const witness = aWitness();
    const monitor = await root.monitor();
    root.drop('warm', ['label :: warm', `command :: ${witness.tell}`]);
    await root.arrival('done-q', 'warm');
    await quiet(root);
    const tracer = await trace(monitor.pid, [], step);
    root.drop('a', ['label :: a', `command :: ${witness.tell}; seq 2000; exit 3`]);
    const isMet = (): boolean => tracer.seen().some((each) => each.isMet);
    await eventually(() => isMet() || root.where('a').includes('error-q'), {
      withinMs: 30_000,
      what: `${step.call} ${step.at} comes, or the job ends`,
    });
    if (isMet()) met += 1;
    disk.fill();
    process.kill(monitor.pid, 'SIGCONT');
    await tracer.detach();
    process.kill(monitor.pid, 'SIGCONT');
    await wait(300);
    disk.free();
    await root.arrival('error-q', 'a', 60_000);
    await quiet(root);
    const expected = [
      { id: 'warm', queues: ['done-q'], starts: [1] },
      { id: 'a', queues: ['error-q'], starts: [1] },
    ] as const;
    expect(brokenInvariants(root.dir, expected, witness.starts), `${step.call} ${step.at}`).toEqual([]);
    expect(root.status('error-q', 'a')).toMatch(/^error exit=3 /);
    expect(root.says()).not.toContain('please report it');
    expect(tellings(monitor.stderr())).toBeLessThanOrEqual(1);
    await monitor.stop();
  }
  figure('disks', 'times a disk was filled at a call that takes room', met);
}, 1_200_000);

it('a root that is read-only is said once and comes back by itself; a monitor is not started on it, but on a full one', async (context) => {
  const disk = await smallDisk(context);
  const root = testRoot('sleep: 1s\n', undefined, disk.dir);
  const witness = aWitness();
  const first = await root.monitor();
  root.drop('waits', ['label :: waits', `command :: ${witness.tell}`]);
  disk.mountAs('ro');
  const refused = await root.sjq('submit', '-n', 'new', 'true');
  expect(refused).toMatchObject({ code: 73 });
  expect(refused.stderr).toContain('the file system is read-only (EROFS): remount it');
  expect((await root.sjq('status')).code).toBe(0);
  disk.mountAs('rw');
  await root.arrival('done-q', 'waits', 30_000);
  expect(tellings(first.stderr())).toBeLessThanOrEqual(1);
  await first.stop();
  await quiet(root);

  disk.mountAs('ro');
  const second = await root.sjq('once');
  expect(second).toMatchObject({ code: 73 });
  expect(second.stderr).toContain('the file system is read-only (EROFS): remount it');
  disk.mountAs('rw');

  root.drop('late', ['label :: late', `command :: ${witness.tell}`]);
  disk.fill();
  const third = await root.monitor();
  await eventually(() => tellings(third.stderr()) === 1, { withinMs: 20_000, what: 'it is said' });
  disk.free();
  await root.arrival('done-q', 'late', 30_000);
  const expected = ['waits', 'late'].map((id) => ({ id, queues: ['done-q'], starts: [1] }) as const);
  await quiet(root);
  expect(brokenInvariants(root.dir, expected, witness.starts)).toEqual([]);
}, 120_000);

it('a device that refuses blocks loses nothing that was acknowledged, and starts nothing twice', async (context) => {
  const rounds = times(1, 30);
  for (let round = 0; round < rounds; round++) {
    const random = chance(21_000 + round);
    const disk = await smallDisk(context);
    const root = testRoot('sleep: 1s\nslots: 2\n', undefined, disk.dir);
    const witness = aWitness();
    const monitor = await root.monitor();
    const acknowledged: ExpectedUow[] = [];
    const all: string[] = [];
    const breaksAt = random(6);
    for (let act = 0; act < 8; act++) {
      if (act === breaksAt) disk.breakDevice();
      const id = `u${act}`;
      all.push(id);
      const submitted = await root.sjq(
        'submit',
        '-n',
        id,
        '--field',
        `label=${id}`,
        '--field',
        'directory=/',
        `${witness.tell}; seq 3000; sleep 0.2`,
      );
      // One that ran may have run for the last time before its end was on the disk: interrupted, and never again.
      if (submitted.code === 0) acknowledged.push({ id, queues: ['done-q', 'fail-q'], starts: [0, 1] });
      else expect([73, 70, 69]).toContain(submitted.code);
      await wait(random(100));
    }
    expect(monitor.child.exitCode).toBeNull();
    await monitor.crash();
    await endJobs(root.dir);
    await disk.repair();
    await root.monitor();
    const isThere = ({ id }: ExpectedUow): boolean =>
      root.where(id).some((queue) => queue === 'done-q' || queue === 'fail-q');
    await eventually(() => acknowledged.every(isThere) && root.list('wait-q').length === 0, {
      withinMs: 60_000,
      what: `all have ended (seed ${seed}, round ${round}): ${root.says()}`,
    });
    await quiet(root);
    const broken = brokenInvariants(root.dir, acknowledged, witness.starts, all);
    // What the history had of attempts before the device broke may have gone with it.
    expect(
      broken.filter((text) => !text.startsWith('history has 0')),
      `seed ${seed}, round ${round}`,
    ).toEqual([]);
  }
  figure('disks', 'devices that refused blocks', rounds);
}, 1_200_000);

it('a job whose start the device had not taken yet when it failed is not started again once it is mounted anew, without a restart of the host', async (context) => {
  const disk = await smallDisk(context);
  const root = testRoot('sleep: 1s\nslots: 2\n', undefined, disk.dir);
  const witness = aWitness();
  const { wait: waits } = witness.gate('never');
  root.drop('once', ['label :: once', `command :: ${witness.tell}; ${waits}`]);
  root.drop('again', ['label :: again', 'idempotent :: yes', `command :: ${witness.tell}; ${waits}`]);
  const monitor = await root.monitor();
  // Claimed together, and nothing is synced behind that: what their guardians made is in memory only.
  for (const name of ['once', 'again']) await witness.started(name);
  const backToThen = disk.keepState();
  await monitor.crash();
  await endJobs(root.dir);
  await backToThen();
  expect(readdirSync(root.path('.sjq/runs')).filter((name) => name.endsWith('.run'))).toHaveLength(2);
  await root.monitor();
  await root.arrival('fail-q', 'once');
  expect(root.status('fail-q', 'once')).toMatch(/^fail interrupted #1 /);
  expect(witness.startsOf('once')).toBe(1);
  await witness.started('again', 2);
  expect(root.status('currently-executing', 'again')).toMatch(/^running #2 /);
}, 120_000);

it('a disk that fails as the monitor starts ends it with the code after which systemd starts it again', (context) => {
  needPrograms(context, { strace: 'strace' });
  const root = testRoot();
  expect(spawnSync(process.execPath, [program, 'once', '--root', root.dir]).status).toBe(0);
  const inject = ['-f', '-o', '/dev/null', '-P', root.path('.sjq/intake/new'), '-e', 'inject=openat:error=EIO:when=1'];
  const once = [process.execPath, program, 'once', '--root', root.dir];
  const { status, stderr } = spawnSync('strace', [...inject, ...once], { encoding: 'utf8' });
  expect(stderr).toMatch(/the disk failed \(EIO\) as the monitor of .* started: look at the kernel log \(dmesg\)/);
  expect(status).toBe(75);
}, 60_000);

it('a sync that fails once is not believed the second time: nothing is started on its word, and the queue goes on', async (context) => {
  needPrograms(context, { strace: 'strace' });
  const rounds = times(1, 60);
  // The first ones are the start's.
  const places = shuffled(16, 22);
  for (let round = 0; round < rounds; round++) {
    const root = testRoot('sleep: 1s\n');
    const witness = aWitness();
    const at = places[round % places.length] ?? 1;
    const inject = [
      '-f',
      '--seccomp-bpf',
      '-o',
      '/dev/null',
      '-e',
      'trace=fsync,fdatasync',
      '-e',
      `inject=fsync,fdatasync:error=EIO:when=${at}`,
    ];
    const monitor = spawn('strace', [...inject, process.execPath, program, 'monitor', '--root', root.dir], {
      stdio: 'ignore',
    });
    // A tracer that is killed lets go of what it traces.
    afterwards(() => {
      const pid = /^pid (\d+)$/m.exec(readFileSync(root.path('.sjq/monitor'), 'utf8'))?.[1];
      if (monitor.exitCode === null && pid !== undefined) killIfThere(Number(pid));
      monitor.kill('SIGKILL');
    });
    const names = ['a', 'b', 'c'];
    for (const name of names) root.drop(name, [`label :: ${name}`, `command :: ${witness.tell}`]);
    for (const name of names) await root.arrival('done-q', name, 60_000);
    await quiet(root);
    root.message('SHUTDOWN');
    await eventually(() => monitor.exitCode !== null, { withinMs: 20_000, what: 'the monitor ends' });
    const expected = names.map((id) => ({ id, queues: ['done-q'], starts: [1] }) as const);
    expect(brokenInvariants(root.dir, expected, witness.starts), `sync ${at}`).toEqual([]);
  }
  figure('disks', 'syncs that failed once', rounds);
}, 1_200_000);
