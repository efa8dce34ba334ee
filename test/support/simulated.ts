// Lives of the real monitor in this process: real files under a fault, a clock that moves when told, guardians without processes,
// and no hints, because hints may be lost and the poll must be enough.
import { rootPaths } from '../../src/model/paths.ts';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { readConfig } from '../../src/monitor/read-config.ts';
import { createMonitor } from '../../src/monitor/monitor.ts';
import { submit } from '../../src/monitor/submit.ts';
import { createSubmitter } from '../../src/monitor/submit-batch.ts';
import type { Machine } from '../../src/monitor/machine.ts';
import type { Clock } from '../../src/system/clock.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import { eachName } from '../../src/system/names.ts';
import { realGauges } from '../../src/system/gauges.ts';
import { realHost } from '../../src/system/host.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeGuardians } from './fake-guardians.ts';
import { CrashError, type Fault, type FaultyFiles, faultyFiles } from './faulty-files.ts';

/** How a life of the monitor went. */
export interface Life {
  readonly files: FaultyFiles;
  /** `quiet`: nothing changes any more. `crashed`: the fault killed it. `refused`: it did not start. Else why it ended itself. */
  readonly end: string;
  /** How long after its start it changed something on disk for the last time, by its own clock. */
  readonly lastChangeMs: number;
  /** What it told people. */
  readonly said: string;
}

/** What else happens in a life. */
export interface Circumstances {
  /** Keeps every call (FaultyFiles.trace). */
  readonly isTraced?: boolean;
  /** What people do, once, when all is quiet for the first time; jobs that end later end after it. */
  readonly meanwhile?: () => void;
  /** Hints about config.yaml and the job types come, as a watcher gives them when it is set. */
  readonly isHinted?: boolean;
  /** What comes after a while of a fault that lasts: the disk is mended, or the monitor dies. */
  readonly lasting?: 'mended' | 'dies';
  /** May put other files before those with the fault. */
  readonly watched?: (files: Files) => Files;
}

/** So long a fault lasts, and in the midst of it jobs end. */
const lastingMs = 100_000;
/** Nothing changed on disk for so long: nothing will. Longer than the launcher is given for a request (30 s). */
const quietMs = 45_000;
/** A directory that changed less long ago may change again within the same tick of its mtime. */
const tickMs = 50;
/** A watcher is set by then. */
const hintAfterMs = 1500;
const host = realHost();

/** The fake hour: ahead of the real one, so that what a test has just written has long settled. */
let now = Date.now() + 3_600_000;

/** Gives the instant at which the next life begins. */
export function simulatedNow(): number {
  return now;
}

/**
 * Lets a monitor live on a root until nothing changes any more or the fault kills it. Jobs that are to end later end when all
 * else is quiet, and with `isEnough` it dies as soon as that is so. A monitor that does not come to rest within 3,000 wakes is a failure.
 */
export async function live(
  dir: string,
  guardians: FakeGuardians,
  fault: Fault = { kind: 'none' },
  isEnough: () => boolean = () => false,
  { isTraced = false, meanwhile, isHinted = false, lasting = 'mended', watched = (files) => files }: Circumstances = {},
): Promise<Life> {
  const clock = fakeClock(now);
  const files = faultyFiles(fault, { root: bytesFromUtf8(dir), isTraced });
  let said = '';
  let end = '';
  const machine = {
    ...machineOf(clock, watched(files), guardians),
    watcher: {
      watchDirectory: () => ({ close: () => undefined }),
      watchFiles(paths: readonly Bytes[], onHint: (path: Bytes | undefined) => void) {
        for (const path of isHinted ? [undefined, ...paths] : []) clock.after(hintAfterMs, () => onHint(path));
        return { close: () => undefined };
      },
    },
  };
  try {
    const monitor = createMonitor({
      ...{ machine, root: bytesFromUtf8(dir), version: 'test' },
      echo: (line) => (said += line),
    });
    void monitor.ended.then((why) => (end ||= why));
  } catch (error) {
    if (!(error instanceof CrashError) && !files.met) throw error;
    end = files.isCrashed ? 'crashed' : 'refused';
  }
  let changes = files.changes;
  let changedAt = clock.now();
  let quietSince = changedAt;
  let metAt: number | undefined;
  let isLasting = fault.kind === 'errno' && fault.lasts === true;
  let hasHappened = meanwhile === undefined;
  for (let wakes = 0; end === ''; wakes++) {
    try {
      clock.pass(Math.max(0, Math.min(clock.nextDueAt, clock.now() + quietMs) - clock.now()));
    } catch (error) {
      // What nobody catches ends the real program.
      if (!(error instanceof CrashError)) end = `thrown: ${String((error as Error).stack)}`;
    }
    await settled();
    if (isEnough()) files.crash();
    if (wakes > 3000 || files.isEndless)
      throw new Error(`the monitor does not come to rest, after ${wakes} wakes: ${said.slice(-2000)}`);
    if (files.isCrashed) end = 'crashed';
    if (files.changes !== changes) changedAt = quietSince = clock.now();
    changes = files.changes;
    if (isLasting && files.met !== undefined) {
      metAt ??= clock.now();
      if (clock.now() - metAt >= lastingMs / 2) guardians.endJobs();
      if (clock.now() - metAt < lastingMs) continue;
      isLasting = false;
      quietSince = clock.now();
      if (lasting === 'mended') files.mend();
      else {
        files.crash();
        end ||= 'crashed';
      }
    }
    if (clock.now() - quietSince < quietMs) continue;
    if (!hasHappened) {
      hasHappened = true;
      meanwhile?.();
      quietSince = clock.now();
      continue;
    }
    if (guardians.alive === 0) end ||= 'quiet';
    guardians.endJobs();
    quietSince = clock.now();
  }
  const lastChangeMs = changedAt - now;
  now = clock.now() + 1000;
  files.close();
  return { files, end, lastChangeMs, said };
}

/** Gives the machine of one life: no hints come, and processes are what the guardians say. */
export function machineOf(clock: Clock, files: Files, guardians: FakeGuardians): Machine {
  return {
    ...{ clock, gauges: realGauges, host, processes: guardians.processes, startLauncher: guardians.startLauncher },
    files: {
      ...files,
      stat(path: Bytes) {
        const stat = files.stat(path);
        // Young by the real clock, by which the kernel writes it: then young by the fake one too.
        const ageMs = Date.now() - (stat?.mtimeMs ?? 0);
        return stat?.kind === 'directory' && ageMs < tickMs ? { ...stat, mtimeMs: clock.now() - ageMs } : stat;
      },
    },
    watcher: { watchDirectory: () => ({ close: () => undefined }), watchFiles: () => ({ close: () => undefined }) },
    openCgroups: () => undefined,
    mountIdOf: () => 'this-mount',
    askCommand: async () => ({ ok: true, text: '' }),
    askProgram: async () => ({ ok: true, text: '' }),
    eachName,
    grep: async (path: Bytes, offset: number, pattern: string) =>
      new RegExp(pattern).test(realFiles.read(path, offset, 65_536) ?? ''),
  };
}

/** Submits as `sjq submit` does, under a fault. Gives the name it has, or undefined if it was not acknowledged. */
export function submitted(dir: string, name: string, text: string, fault: Fault): Bytes | undefined {
  const files = faultyFiles(fault);
  const root = bytesFromUtf8(dir);
  const paths = rootPaths(root, readConfig(realFiles, root));
  const clock = fakeClock(now);
  now += 1000;
  try {
    return submit({ files, clock, host }, paths, {
      name: bytesFromUtf8(name),
      text: bytesFromUtf8(text),
      queue: 'wait',
      durability: 'power',
    });
  } catch (error) {
    if (!files.met) throw error;
    return undefined;
  }
}

/** Submits a batch as `sjq submit --each` does, under a fault. Gives the names of those that were acknowledged, each in its place, and whether the fault came. */
export async function submittedTogether(
  dir: string,
  drops: readonly (readonly [name: string, text: string])[],
  fault: Fault,
): Promise<{ readonly names: readonly (Bytes | undefined)[]; readonly met: boolean }> {
  const files = faultyFiles(fault);
  const root = bytesFromUtf8(dir);
  const clock = fakeClock(now);
  now += 1000;
  // Nothing here can lose what was not synced; what matters is that it can fail.
  const syncFiles = async (queue: Bytes): Promise<void> => files.syncDirectory(queue);
  const of = { queue: 'wait', durability: 'power' } as const;
  const submitter = createSubmitter(
    { files, clock, host, syncFiles },
    rootPaths(root, readConfig(realFiles, root)),
    of,
  );
  try {
    const batch = await submitter.submit(
      drops.map(([name, text]) => ({ name: bytesFromUtf8(name), text: bytesFromUtf8(text) })),
    );
    if (batch.error instanceof Error && !files.met) throw batch.error;
    // The dead print nothing.
    return { names: files.isCrashed ? [] : batch.names, met: files.met !== undefined };
  } catch (error) {
    if (!files.met) throw error;
    return { names: [], met: true };
  }
}

/** Lets what was asked in the background be answered. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
}
