// Who there is to kill in a root: its launcher, and of each attempt its guardian, tee, job, the job's children and the `sleep`
// that counts its timeout. One look at the process table for all of them.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { TestRoot } from './root.ts';

/** What a UOW can lose by a kill; `job` is the job's main process or a child of it. */
export type Kind = 'guardian' | 'tee' | 'job';

export interface Victim {
  readonly pid: number;
  readonly kind: 'launcher' | 'sleeper' | Kind;
  /** The label of the UOW whose attempt it belongs to; none of a launcher. */
  readonly uow?: string;
  /** What the UOW may lose by it. */
  readonly costs: readonly Kind[];
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
  return shells.flatMap((shell): readonly Victim[] => {
    if (shell.pid === shell.session) return [{ pid: shell.pid, kind: 'launcher', costs: [] }];
    const id = attemptOf(shell.pid);
    // Forked in this instant: the next look knows whose it is.
    const uow = id === undefined ? undefined : uowOf(root, id);
    if (id === undefined || uow === undefined) return [];
    const [guardian = 0, , job = 0] = (contentOf(root.path('.sjq/runs', id, 'started')) ?? '').split(/\s+/).map(Number);
    // What is not yet the job, its tee or its sleeper.
    if (guardian > 0 && shell.pid !== guardian) return [{ pid: shell.pid, kind: 'job', uow, costs: ['job', 'tee'] }];
    const children = all.filter(({ parent, program }) => parent === shell.pid && program !== 'bash');
    return [
      { pid: shell.pid, kind: 'guardian', uow, costs: ['guardian'] },
      ...children.flatMap(({ pid, program }): readonly Victim[] => {
        if (program === 'tee') return [{ pid, kind: 'tee', uow, costs: ['tee'] }];
        if (program === 'sleep' && pid !== job) return [{ pid, kind: 'sleeper', uow, costs: [] }];
        const own = all.filter(({ parent }) => parent === pid);
        return [pid, ...own.map((child) => child.pid)].map((each) => ({ pid: each, kind: 'job', uow, costs: ['job'] }));
      }),
    ];
  });
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
    const isGuardian = program === 'bash' && pid !== session && isShellOf(pid, root);
    return isOfJob || isGuardian ? [`process ${pid} (${program}) is alive`] : [];
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
