// A root in this process that a test plays with step by step: monitors that live between the steps, crash at a call and are
// started again, jobs that end when told, a clock that people set. The parts are those of simulated.ts.
import { rootPaths } from '../../src/model/paths.ts';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { createMonitor } from '../../src/monitor/monitor.ts';
import { readConfig } from '../../src/monitor/read-config.ts';
import { submit } from '../../src/monitor/submit.ts';
import { realFiles } from '../../src/system/files.ts';
import { realHost } from '../../src/system/host.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import type { FakeGuardians } from './fake-guardians.ts';
import { type FaultyFiles, faultyFiles } from './faulty-files.ts';
import { machineOf, settled } from './simulated.ts';

export interface Session {
  readonly isAlive: boolean;
  /** Everything that its monitors told people. */
  readonly said: string;
  /** What monitors unlinked by its last name outside of `.sjq`. */
  readonly deleted: readonly string[];
  /** Starts a monitor unless one lives. It may crash at once, if that was asked for. */
  start(): void;
  /** Lets time pass, a wake at a time, while a monitor lives. */
  tick(ms: number): Promise<void>;
  /** The monitor dies at the `at`th call from now that changes something, or the one that is started next; with 0 now. */
  crashAt(at: number): void;
  /** Sets the wall clock, as an administrator does. */
  stepClock(ms: number): void;
  /** Starts a monitor, ends every job, and lets time pass until nothing changes any more. */
  quiet(): Promise<void>;
  /** Submits as `sjq submit` does, killed at call `crashAt`. Gives the name it has; undefined if it was not acknowledged. */
  submit(name: string, text: string, crashAt: number): Bytes | undefined;
}

interface Life {
  readonly clock: FakeClock;
  readonly files: FaultyFiles;
  /** Why it ended; empty while it lives. */
  end: string;
}

/** Nothing changed for so long: nothing will. Longer than the launcher is given for a request (30 s). */
const quietMs = 45_000;
/** A monitor that changes something in each of so many wakes will not come to rest. */
const wakesAtMost = 3000;

export function startSession(dir: string, guardians: FakeGuardians): Session {
  const root = bytesFromUtf8(dir);
  const deleted: string[] = [];
  // An hour ahead of the real one, so that what a test has just written has long settled.
  let now = Date.now() + 3_600_000;
  let said = '';
  let life: Life | undefined;
  let crashIn = Infinity;

  function start(): void {
    if (isAlive()) return;
    const clock = fakeClock((now += 1));
    // Asked at every call: the instant of the crash may be chosen while it lives.
    const fault = { kind: 'crash' as const, at: crashIn };
    const files = faultyFiles(fault);
    const own: Life = { clock, files, end: '' };
    life = own;
    try {
      const machine = machineOf(clock, files, guardians);
      const monitor = createMonitor({ machine, root, version: 'test', echo: (line) => (said += line) });
      void monitor.ended.then((why) => (own.end ||= why));
      arm = (at) => (fault.at = at === 0 ? Infinity : files.calls + at);
    } catch (error) {
      if (!files.isCrashed) throw error;
    }
    bury();
  }

  let arm: (at: number) => void = () => undefined;

  /** Notes that the monitor has ended, by whatever. */
  function bury(): void {
    if (!life) return;
    now = life.clock.now();
    if (life.files.isEndless) throw new Error(`the monitor calls without end: ${said.slice(-2000)}`);
    if (life.end === '' && !life.files.isCrashed) return;
    deleted.push(...life.files.deleted);
    life = undefined;
    crashIn = Infinity;
  }

  function isAlive(): boolean {
    return life !== undefined;
  }

  async function tick(ms: number): Promise<void> {
    const current = life;
    if (!current) {
      now += ms;
      return;
    }
    const { clock } = current;
    for (let left = ms; left >= 0 && life === current;) {
      const step = Math.max(0, Math.min(left, clock.nextDueAt - clock.now()));
      clock.pass(step);
      left -= step;
      await settled();
      bury();
      if (left === 0 && clock.nextDueAt > clock.now()) break;
    }
  }

  return {
    get isAlive() {
      return isAlive();
    },
    get said() {
      return said;
    },
    deleted,
    start,
    tick,
    crashAt(at) {
      if (at === 0) {
        life?.files.crash();
        bury();
      } else if (life) arm(at);
      else crashIn = at;
    },
    stepClock(ms) {
      now += ms;
      life?.clock.set(now);
    },
    async quiet() {
      crashIn = Infinity;
      arm(0);
      start();
      let changes = -1;
      for (let rounds = 0; changes !== life?.files.changes || guardians.alive > 0; rounds++) {
        if (rounds > wakesAtMost / 20) throw new Error(`the monitor does not come to rest: ${said.slice(-2000)}`);
        guardians.endJobs();
        start();
        changes = life?.files.changes ?? 0;
        await tick(quietMs);
      }
    },
    submit(name, text, crashAt) {
      const files = faultyFiles({ kind: 'crash', at: crashAt });
      const paths = rootPaths(root, readConfig(realFiles, root));
      const clock = life?.clock ?? fakeClock((now += 1));
      const what = {
        name: bytesFromUtf8(name),
        text: bytesFromUtf8(text),
        queue: 'wait',
        durability: 'power',
      } as const;
      try {
        return submit({ files, clock, host: realHost() }, paths, what);
      } catch (error) {
        if (!files.isCrashed) throw error;
        return undefined;
      }
    },
  };
}
