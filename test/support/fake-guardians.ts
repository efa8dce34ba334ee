// Guardians and their jobs without processes: they do to the disk what launcher.sh does, when the test says so, and outlive the
// monitor as real ones do. Each start of a job is told to a witness outside the root.
import { closeSync, existsSync, fstatSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runRecordFromText, textFromResult } from '../../src/format/run-record.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import type { RunRecord, RunResult } from '../../src/model/run.ts';
import { bufferFromBytes } from '../../src/model/bytes.ts';
import type { StartLauncher } from '../../src/system/launch.ts';
import type { Processes } from '../../src/system/processes.ts';

/**
 * How the job of a UOW behaves: it ends within its start, or when {@link FakeGuardians.endJobs} says so; its guardian is killed
 * in the midst, always or in the first attempt; or the first launcher never gets to its request. Or it ends at once, and the guardian
 * of its hooks is killed, each time or the first time.
 */
export type Behaviour =
  | 'ends-at-once'
  | 'ends-later'
  | 'guardian-killed'
  | 'guardian-killed-first'
  | 'never-asked-first'
  | 'hooks-killed-first'
  | 'hooks-killed';

/** One start of a job, told by the job. */
export interface Start {
  readonly name: string;
  /** Its `label ::`, as its head had it at the claim. */
  readonly label: string;
  readonly run: string;
  readonly attempt: number;
  readonly stamp: string;
  /** The STATUS line as the job found it when it started. */
  readonly status: string;
}

export interface FakeGuardians {
  readonly startLauncher: StartLauncher;
  readonly processes: Processes;
  readonly starts: readonly Start[];
  /** Each run of hooks that began: the label of its UOW, and its words: outcome, reason, exit code, then field and command of each. */
  readonly hooks: readonly (readonly [label: string, ...words: string[]])[];
  /** How attempts ended whose guardian told it, by their id. */
  readonly ends: ReadonlyMap<string, Pick<RunResult, 'code' | 'why'>>;
  /** How many guardians live. */
  readonly alive: number;
  /** Lets every job end that runs. */
  endJobs(): void;
  /** Lets one of the jobs that run end with this code. */
  end(which: number, code: number): void;
  /** Kills the guardian of one of the jobs that run. */
  kill(which: number): void;
  /** The host restarts: nothing of it runs any more, and its boot has another id. */
  reboot(): void;
}

interface Guardian {
  readonly pid: number;
  /** Open for as long as it lives, as descriptor 8 of a real one is. */
  readonly recordFd: number;
  readonly recordIno: number;
  /** The UOW as its tee has it open. */
  readonly uowFd: number;
  readonly record: RunRecord;
  isAlive: boolean;
}

/** Past the greatest pid that Linux gives. */
const firstPid = 4_194_305;

/**
 * Gives guardians; `behaviourOf` is asked by the UOW's name, `exitOf` for its exit code, `leavesOf` for what its job writes beside
 * its record when it starts (`progress`, `result`).
 */
export function fakeGuardians(
  behaviourOf: (name: string) => Behaviour,
  exitOf: (name: string) => number = () => 0,
  leavesOf: (name: string) => Readonly<Record<string, string>> = () => ({}),
): FakeGuardians {
  const guardians: Guardian[] = [];
  const starts: Start[] = [];
  const hooks: [string, ...string[]][] = [];
  const ends = new Map<string, Pick<RunResult, 'code' | 'why'>>();
  const ignored = new Set<string>();
  let boots = 1;

  function end(guardian: Guardian, result: Partial<RunResult> = {}): void {
    if (!guardian.isAlive) return;
    const now = Date.now();
    const code = exitOf(guardian.record.name);
    const whole = { code, why: 'exit', startedAt: now, endedAt: now, tee: 0, left: 0, ...result } as const;
    const isHooks = guardian.record.hooking !== undefined;
    writeSync(guardian.uowFd, `${isHooks ? 'hooked' : 'end'} ${guardian.record.attempt}\n`);
    if (!isHooks) ends.set(guardian.record.id, whole);
    writeSync(guardian.recordFd, bufferFromBytes(textFromResult(whole)), 0, null, 0);
    die(guardian);
  }

  function die(guardian: Guardian): void {
    guardian.isAlive = false;
    closeSync(guardian.uowFd);
    closeSync(guardian.recordFd);
  }

  function begin(runsDir: string, id: string): void {
    const recordPath = join(runsDir, `${id}.run`);
    const started = join(runsDir, id, 'started');
    if (!existsSync(recordPath)) return;
    const read = runRecordFromText(readFileSync(recordPath, 'latin1') as Bytes);
    if (!read) return;
    const { record } = read;
    const behaviour = behaviourOf(record.name);
    if (behaviour === 'never-asked-first' && !ignored.has(record.name)) {
      ignored.add(record.name);
      return;
    }
    const pid = firstPid + guardians.length * 2;
    try {
      writeFileSync(started, `${pid} 1\n${pid + 1}\n`, { flag: 'wx' });
    } catch (error) {
      // Another one owns the attempt, or nobody may: without a trace.
      if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
      throw error;
    }
    const uowPath = join(runsDir, '../claimed', `${id}.uow`);
    const label = /^label :: (\S+)/m.exec(record.head)?.[1] ?? '';
    if (record.hooking) {
      hooks.push([label, ...record.launch.argv.slice(record.launch.argv.indexOf('sjq-hooks' as Bytes) + 3)]);
      const recordFd = openSync(recordPath, 'r+');
      const uowFd = openSync(uowPath, 'a');
      writeSync(uowFd, `hook ${record.attempt}\n`);
      const guardian = { pid, recordFd, recordIno: fstatSync(recordFd).ino, uowFd, record, isAlive: true };
      guardians.push(guardian);
      const isFirst = record.hooking.go === 1;
      if (behaviour === 'hooks-killed' || (behaviour === 'hooks-killed-first' && isFirst)) die(guardian);
      else end(guardian, { code: 0 });
      return;
    }
    const status = readFileSync(uowPath, 'latin1')
      .slice(record.statusOffset, record.statusOffset + 64)
      .trim();
    starts.push({
      name: record.name,
      label,
      run: record.id,
      attempt: record.attempt,
      stamp: `${record.stamp.seconds}-${record.stamp.ordinal}`,
      status,
    });
    const recordFd = openSync(recordPath, 'r+');
    const uowFd = openSync(uowPath, 'a');
    writeSync(uowFd, `out ${record.attempt}\n`);
    for (const [file, text] of Object.entries(leavesOf(record.name))) writeFileSync(join(runsDir, id, file), text);
    const guardian = { pid, recordFd, recordIno: fstatSync(recordFd).ino, uowFd, record, isAlive: true };
    guardians.push(guardian);
    if (behaviour === 'guardian-killed' || (behaviour === 'guardian-killed-first' && record.attempt === 1))
      die(guardian);
    else if (behaviour !== 'ends-later') end(guardian);
  }

  const holding = (ino: number): readonly Guardian[] =>
    guardians.filter(({ isAlive, recordIno }) => isAlive && recordIno === ino);

  const living = (): readonly Guardian[] => guardians.filter(({ isAlive }) => isAlive);

  return {
    startLauncher: ({ runsDir }) => ({
      pid: 1,
      isAlive: true,
      launch: (id) => begin(runsDir, id),
      close: () => undefined,
    }),
    processes: {
      hasOpen: (pid, { ino }) => holding(ino).some((guardian) => guardian.pid === pid),
      pathOpenAs: () => undefined,
      holdersOf: ({ ino }) => holding(ino).map(({ pid }) => pid),
      writersOf: () => new Set(),
      treeOf: ({ token }) =>
        guardians
          .filter(({ isAlive, record }) => isAlive && record.token === token)
          .map(({ pid }) => ({ pid, startTicks: 1 })),
      signal(targets, signal) {
        if (signal === 'SIGSTOP' || signal === 'SIGCONT') return { sent: targets.length, denied: 0 };
        for (const guardian of guardians) {
          if (targets.some(({ pid }) => pid === guardian.pid)) end(guardian, { code: 143, why: 'killed' });
        }
        return { sent: targets.length, denied: 0 };
      },
      endTree: async () => ({ survivors: [] }),
      bootId: () => (boots === 1 ? 'this-boot' : `boot-${boots}`),
      startTicks: () => 1,
      isAlive: () => true,
      jobsOf: () => [],
      running: async () => [],
    },
    starts,
    hooks,
    ends,
    get alive() {
      return living().length;
    },
    endJobs() {
      for (const guardian of guardians) end(guardian);
    },
    end(which, code) {
      const guardian = living()[which % living().length];
      if (guardian) end(guardian, { code });
    },
    kill(which) {
      const guardian = living()[which % living().length];
      if (guardian) die(guardian);
    },
    reboot() {
      boots += 1;
      for (const guardian of living()) die(guardian);
    },
  };
}
