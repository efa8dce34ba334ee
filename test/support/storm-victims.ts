// Who there is to kill in a root: its launcher, and of each attempt its guardian, tee, job, the job's children and what counts
// its timeout. One look at the process table for all of them.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { TestRoot } from './root.ts';
import type { Loss } from './storm-verdict.ts';

export interface Victim {
  readonly pid: number;
  /** `job` is the job's main process or a child of it. */
  readonly kind: 'launcher' | 'sleeper' | 'guardian' | 'tee' | 'job';
  /** The label of the UOW whose attempt it belongs to; none of a launcher. */
  readonly uow?: string;
  /** What the UOW may lose by it. */
  readonly costs: readonly Loss[];
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly program: string;
}

/** Gives every process of a root that may be killed, but for its monitor. */
export function victimsOf(root: TestRoot): readonly Victim[] {
  const all = processes();
  const shells = all.filter(({ pid, program }) => program === 'bash' && isShellOf(pid, root));
  const guardians = new Set(shells.filter(({ pid }) => attemptOf(pid) !== undefined).map(({ pid }) => pid));
  return shells.flatMap((shell): readonly Victim[] => {
    if (shell.pid === shell.session) return [{ pid: shell.pid, kind: 'launcher', costs: [] }];
    const id = attemptOf(shell.pid);
    if (id === undefined && guardians.has(shell.parent) && isSleeper(shell.pid))
      return [{ pid: shell.pid, kind: 'sleeper', costs: [] }];
    // Forked in this instant: the next look knows whose it is.
    const uow = id === undefined ? undefined : uowOf(root, id);
    if (id === undefined || uow === undefined) return [];
    const [guardian = 0] = (contentOf(root.path('.sjq/runs', id, 'started')) ?? '').split(/\s+/).map(Number);
    // What is not yet the job, its tee or its sleeper.
    if (guardian > 0 && shell.pid !== guardian) return [{ pid: shell.pid, kind: 'job', uow, costs: ['job', 'tee'] }];
    const children = all.filter(({ parent, program }) => parent === shell.pid && program !== 'bash');
    return [
      { pid: shell.pid, kind: 'guardian', uow, costs: ['guardian'] },
      ...children.flatMap(({ pid, program }): readonly Victim[] => {
        if (program === 'tee') return [{ pid, kind: 'tee', uow, costs: ['tee'] }];
        const own = all.filter(({ parent }) => parent === pid);
        return [pid, ...own.map((child) => child.pid)].map((each) => ({ pid: each, kind: 'job', uow, costs: ['job'] }));
      }),
    ];
  });
}

/** True of what counts a timeout: it has no record open, as the others close theirs only when they become job and tee. */
function isSleeper(pid: number): boolean {
  return linkOf(`/proc/${pid}/fd/1`) === '/dev/null' && linkOf(`/proc/${pid}/fd/3`) === undefined;
}

function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): readonly Process[] => {
      // PID (PROGRAM) STATE PARENT GROUP SESSION …; a program's name may hold blanks and parentheses
      const match = /^\d+ \((.*)\) ([A-Z]) (\d+) \d+ (\d+) /s.exec(contentOf(`/proc/${name}/stat`) ?? '');
      if (!match || match[2] === 'Z' || match[2] === 'X') return [];
      return [{ pid: Number(name), program: match[1] ?? '', parent: Number(match[3]), session: Number(match[4]) }];
    });
}

function isShellOf(pid: number, root: TestRoot): boolean {
  const commandLine = contentOf(`/proc/${pid}/cmdline`) ?? '';
  return commandLine.includes('launcher.sh') && linkOf(`/proc/${pid}/cwd`) === root.path('.sjq/runs');
}

/** Which attempt a guardian, or a child of it that is still a shell, belongs to: descriptor 8 is its record. */
function attemptOf(pid: number): string | undefined {
  const record = linkOf(`/proc/${pid}/fd/8`);
  return record?.endsWith('.run') ? basename(record, '.run') : undefined;
}

function uowOf(root: TestRoot, id: string): string | undefined {
  return /label :: (S\d+)/.exec(contentOf(root.path('.sjq/runs', `${id}.run`)) ?? '')?.[1];
}

/** Gives the live processes that belong to a root's jobs, and its guardians: none, when all is over. */
export function survivorsOf(root: TestRoot): readonly string[] {
  return processes().flatMap(({ pid, session, program }) => {
    const isOfJob = contentOf(`/proc/${pid}/environ`)?.split('\0').includes(`SJQ_ROOT=${root.dir}`) === true;
    // What counts a timeout is a shell too, and ends with its guardian.
    const isShell = program === 'bash' && pid !== session && isShellOf(pid, root);
    return isOfJob || isShell ? [`process ${pid} (${program}) is alive: ${shownOf(pid)}`] : [];
  });
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function shownOf(pid: number): string {
  const state = /^State:\s+(.*)$/m.exec(contentOf(`/proc/${pid}/status`) ?? '')?.[1] ?? 'gone';
  return `${state}, ${(contentOf(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()}`;
}
