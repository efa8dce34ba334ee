// A wall clock that is set by hours, days and decades while everything goes on: nothing may wait for the time that was skipped, be
// done twice for one that came again, or tell a duration that nobody could have lived through.
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { compareStamps, type Stamp, stampFromText, textFromStamp } from '../../src/model/stamp.ts';
import { createMonitor } from '../../src/monitor/monitor.ts';
import { type FileStat, realFiles } from '../../src/system/files.ts';
import { testContext } from '../support/context.ts';
import { eventually } from '../support/eventually.ts';
import { fakeGuardians } from '../support/fake-guardians.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { chance, figure, seed, shuffled, times } from '../support/rig.ts';
import { program, testRoot, uowText } from '../support/root.ts';
import { start } from '../support/scratch.ts';
import { tidyAfter, wallClock } from '../support/wall-clock.ts';
import { aWitness } from '../support/witness.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Within so much time awake everything that can be done is done: a settle time, some polls and a fault's pause. */
const patienceMs = 60_000;

/** Where the clock may be set to: by an administrator, and by what a machine without a battery boots with. */
const steps: readonly ((now: number) => number)[] = [
  (now) => now + hourMs,
  (now) => now - hourMs,
  (now) => now + dayMs,
  (now) => now - dayMs,
  (now) => now - 61_000,
  () => 40_000,
  () => Date.parse('2000-01-01T00:00:07Z'),
  () => Date.parse('2038-01-19T03:14:06Z'),
  () => Date.parse('2107-06-01T00:00:00Z'),
  () => Date.now(),
];

it('a clock that is set again and again holds nothing up, loses nothing, does nothing twice, and turns no order round', async () => {
  const rounds = times(25, 3000);
  let set = 0;
  for (let round = 0; round < rounds; round++) {
    const random = chance(19_000 + round);
    const what = `seed ${seed}, round ${round}`;
    const { context, dir, clock, write } = testContext({ now: Date.now() + hourMs, files: { stat } });
    const guardians = fakeGuardians((name) => (name.endsWith('0') ? 'ends-later' : 'ends-at-once'));
    write('config.yaml', `slots: ${1 + random(3)}\nreport: '08:00'\nheartbeat: 5m\ndurability: process\n`);
    /** A directory that is young by the kernel's clock, which nobody sets here, may change again within the same tick. */
    function stat(path: Bytes): FileStat | undefined {
      const found = realFiles.stat(path);
      const ageMs = Date.now() - (found?.mtimeMs ?? 0);
      return found?.kind === 'directory' && ageMs < 50 ? { ...found, mtimeMs: clock.now() } : found;
    }

    let said = '';
    const { processes, startLauncher } = guardians;
    const monitor = createMonitor({
      machine: { ...context.machine, processes, startLauncher },
      ...{ root: bytesFromUtf8(dir), version: 'test', echo: (line: string) => (said += line) },
    });
    const names: string[] = [];
    const where = (name: string): readonly string[] =>
      ['wait-q', 'currently-executing', 'done-q'].filter((queue) => isFile(`${dir}/${queue}/${name}`));

    /** Lets time pass until something is so; at most as much of it as anything may take. */
    async function until(isSo: () => boolean, hope: string): Promise<void> {
      for (let awakeMs = 0; !isSo();) {
        const stepMs = Math.max(1, Math.min(clock.nextDueAt - clock.now(), 1000));
        awakeMs += stepMs;
        if (awakeMs > patienceMs) throw new Error(`${what}: it did not come about that ${hope}: ${said}`);
        clock.pass(stepMs);
        for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const isTaken = (name: string): boolean => {
      const at = where(name)[0];
      return at !== undefined && readFileSync(`${dir}/${at}/${name}`, 'latin1').startsWith('timestamp');
    };

    for (let act = 0; act < 6; act++) {
      const name = `u${act}${random(3)}`;
      if (random(4) > 0) {
        write(`wait-q/${name}`, uowText(`label :: ${name}`, 'command :: true'));
        names.push(name);
        // Set in the midst of its settling, or when it waits or runs.
        if (random(2) === 0) clock.pass(random(1500));
      }
      clock.set(steps[random(steps.length)]?.(clock.now()) ?? 0);
      set += 1;
      if (random(2) === 0) clock.pass(random(20_000));
      await until(() => names.every(isTaken), 'all are taken in');
      if (random(2) === 0) guardians.endJobs();
    }
    await until(() => {
      guardians.endJobs();
      return (
        names.every((each) => where(each).join() === 'done-q') &&
        context.machine.files.list(context.paths.runs)?.length === 0
      );
    }, 'all are done');
    monitor.shutdown();
    const expected = names.map((name) => ({ id: name, queues: ['done-q'], starts: [1] }) as const);
    expect(brokenInvariants(dir, expected, guardians.starts), what).toEqual([]);
    // In the order in which they were dropped, whatever the clock said then.
    const stamps = names.map((name) => stampOf(readFileSync(`${dir}/done-q/${name}`, 'latin1')));
    expect(disordered(stamps), what).toEqual([]);
    expect(absurd(readFileSync(`${dir}/history.jsonl`, 'utf8')), what).toEqual([]);
    expect(said, what).not.toContain('please report it');
  }
  figure('time', 'rounds of UOWs under a clock that is set', rounds);
  figure('time', 'times it was set', set);
  figure('time', 'violations', 0);
}, 600_000);

it('a monitor that boots in 1970 and is set to the hour, the day, the year serves at once, and its jobs notice nothing', async (context) => {
  const clock = wallClock(context);
  const secondsTo = (text: string): number => Math.round((Date.parse(text) - Date.now()) / 1000);
  const ahead = [0, -3600, 3600, -86_400, 86_400, secondsTo('2038-01-19T03:14:00Z'), secondsTo('2040-02-29T12:00:00Z')];
  const rounds = times(1, 20);
  for (let round = 0; round < rounds; round++) {
    const root = testRoot('sleep: 2s\nslots: 3\n');
    const witness = aWitness();
    const gate = witness.gate('long');
    clock.set(secondsTo('1970-01-01T00:00:40Z'));
    const monitor = start(process.execPath, [program, 'monitor', '--root', root.dir], {
      env: { ...process.env, ...clock.env },
      stdio: 'ignore',
    });
    tidyAfter(monitor.pid);
    root.drop('long', ['label :: long', 'timeout :: 30d', `command :: ${witness.tell}; ${gate.wait}`]);
    await witness.started('long');
    const names = ['long'];
    const order = shuffled(ahead.length, 19_500 + round).map((number) => ahead[number - 1] ?? 0);
    for (const [at, seconds] of order.entries()) {
      // One is settling, one waits for the other's end, one runs.
      const [killed, kept] = [`killed${at}`, `kept${at}`];
      root.drop(killed, [`label :: ${killed}`, 'timeout :: 1h', `command :: ${witness.tell}; sleep 600`]);
      await witness.started(killed);
      root.drop(kept, [`label :: ${kept}`, `command :: ${witness.tell}`]);
      // As a machine that is suspended does, now and then: it wakes to another time.
      const isAsleep = at % 3 === 1;
      if (isAsleep) process.kill(monitor.pid, 'SIGSTOP');
      clock.set(seconds);
      if (isAsleep) process.kill(monitor.pid, 'SIGCONT');
      root.message(`KILL JOB ${killed}`);
      await root.arrival('fail-q', killed);
      await root.arrival('done-q', kept);
      names.push(killed, kept);
    }
    gate.open();
    await root.arrival('done-q', 'long');
    await eventually(() => readdirSync(root.path('.sjq/runs')).length === 0, { what: 'the records are dropped' });
    root.message('SHUTDOWN');
    await eventually(() => monitor.child.exitCode === 0, { what: 'the monitor ends' });
    const expected = names.map((id) => {
      const queue = id.startsWith('killed') ? 'fail-q' : 'done-q';
      return { id, queues: [queue], starts: [1] } as const;
    });
    expect(brokenInvariants(root.dir, expected, witness.starts)).toEqual([]);
    const stamps = names.map((name) => stampOf(root.read(root.where(name)[0] ?? 'done-q', name)));
    expect(disordered(stamps)).toEqual([]);
    expect(absurd(readFileSync(root.path('history.jsonl'), 'utf8'))).toEqual([]);
    expect(root.says()).not.toContain('please report it');
  }
  figure('time', 'times it was set under real monitors', rounds * ahead.length);
}, 600_000);

it('a schedule of a real monitor whose clock is set forth and back fires each of its times once', async (context) => {
  const clock = wallClock(context);
  const root = testRoot('sleep: 1s\n');
  mkdirSync(root.path('schedules'));
  writeFileSync(root.path('schedules/h'), uowText('schedule :: 0 * * * *', 'timezone :: UTC', 'command :: date -u'));
  utimesSync(root.path('schedules/h'), 1, 1);
  // Half past twelve of this day, and from there.
  const noon = Math.floor(Date.now() / dayMs) * dayMs + 12.5 * hourMs;
  const setTo = (hours: number): void => {
    clock.set(Math.round((noon + hours * hourMs - Date.now()) / 1000));
    root.message('STATUS');
  };
  setTo(0);
  const monitor = start(process.execPath, [program, 'monitor', '--root', root.dir], {
    env: { ...process.env, ...clock.env },
    stdio: 'ignore',
  });
  tidyAfter(monitor.pid);
  await eventually(() => / taken-in h in=schedules /.test(root.says()), { what: `it is known: ${root.says()}` });
  const name = (hour: number): string => `h@${new Date(noon).toISOString().slice(0, 10)}T${hour}0000Z`;
  setTo(3);
  await root.arrival('done-q', name(15));
  const answers = (): number => root.says().split(' answer ').length;
  // Half past one, then six past three once more: the times until then have been dealt with.
  for (const hours of [1, 2.6]) {
    const before = answers();
    setTo(hours);
    await eventually(() => answers() > before, { what: 'it has looked at its clock' });
  }
  setTo(4);
  await root.arrival('done-q', name(16));
  expect(root.list('done-q')).toEqual([name(15), name(16)]);
  const unfired = root.history().filter(({ kind }) => kind === 'unfired');
  expect(unfired).toMatchObject([{ schedule: 'h', why: 'missed', count: 2 }]);
  root.message('SHUTDOWN');
  await eventually(() => monitor.child.exitCode === 0, { what: 'the monitor ends' });
}, 60_000);

/** Gives what does not come behind what stands before it. */
function disordered(stamps: readonly (Stamp | undefined)[]): readonly string[] {
  return stamps.flatMap((stamp, at) => {
    const before = stamps[at - 1];
    const isBehind = at === 0 || (stamp && before && compareStamps(before, stamp) < 0);
    return isBehind ? [] : [`number ${at}: ${stamp ? textFromStamp(stamp) : 'none'}`];
  });
}

function stampOf(uow: string): Stamp | undefined {
  return stampFromText(/^timestamp: (\S+)/.exec(uow)?.[1] ?? '');
}

/** Gives the lines of a history that tell a duration which is none. */
function absurd(history: string): readonly string[] {
  return history.split('\n').filter((line) => {
    const duration = /"duration_ms":(-?[\d.e+]+)/.exec(line)?.[1];
    return duration !== undefined && !(Number(duration) >= 0 && Number(duration) < hourMs);
  });
}

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
