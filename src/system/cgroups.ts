// Control groups of version 2, one for each attempt, where this process was given a subtree of its own: the one way to end a
// job's processes for certain, whatever they did to their parents, sessions and environments.
import fs from 'node:fs';
import { type Bytes, bufferFromBytes, bytesFromUtf8 } from '../model/bytes.ts';
import type { GroupLimit, Limits } from '../model/limits.ts';
import { join } from '../model/paths.ts';
import { errnoOf } from '../model/errno.ts';

/** What a group used so far. Exact for every process that was ever in it, also where nobody waited for it. */
export interface Usage {
  readonly cpuMs?: number;
  /** The most memory that it had at once: needs the memory controller and Linux 5.19. */
  readonly memoryPeakBytes?: number;
  /** How many of its processes the kernel killed because there was no memory left for them. Needs the memory controller. */
  readonly oomKills?: number;
}

/** The groups of a root's attempts. */
export interface Cgroups {
  /** Which limits the groups keep. */
  readonly keeps: ReadonlySet<GroupLimit>;
  /** Makes the group of an attempt, with those of these limits that groups keep; gives its directory. @throws errno errors */
  create(id: string, limits: Limits): Bytes;
  /** Kills every process in a group and in the groups below it. Does nothing if it is gone. */
  kill(dir: Bytes): void;
  /** Gives what all processes that ever were in a group used; a figure that the system does not tell is left out. */
  usage(dir: Bytes): Usage;
  /** Removes an empty group and those below it. One that is not empty, or gone, is left alone. */
  remove(dir: Bytes): void;
  /** Removes the groups' own parent, unless attempts still run in it. */
  close(): void;
}

/**
 * Gives the groups below the one that was handed over, or undefined where there are none to be had: no cgroup v2, or not ours to divide.
 * `auto` divides only what belongs to this very user, which is how systemd hands a group over (Delegate=yes with User=); `own`
 * trusts that whoever started this process as root did so in a group of its own.
 *
 * The one handed over is this process's own, unless that is named `sjq-monitor`, as systemd's DelegateSubgroup= makes it: then it is the one
 * above, in which no process stands. Only there can limits be set: the kernel has none below a group with processes of its own, and a
 * service manager could start no monitor in a group that has.
 *
 * @see cgroups(7), https://systemd.io/CGROUP_DELEGATION
 */
export function openCgroups(setting: 'auto' | 'own' | 'off', uid: number): Cgroups | undefined {
  if (setting === 'off') return undefined;
  const given = givenGroupOf('self');
  if (given === undefined) return undefined;
  const jobs = join(given.dir, `sjq-jobs-${process.pid}`);
  try {
    if (setting === 'auto' && (uid === 0 || fs.statSync(bufferFromBytes(given.dir)).uid !== uid)) return undefined;
    fs.mkdirSync(bufferFromBytes(jobs));
    fs.accessSync(bufferFromBytes(join(jobs, 'cgroup.kill')), fs.constants.W_OK);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
  for (const name of fs.readdirSync(bufferFromBytes(given.dir), 'latin1')) sweep(given.dir, name);
  const keeps = new Set(given.isLimitable ? (['memory', 'cpu'] as const).filter((each) => enable(jobs, each)) : []);
  return {
    keeps,
    create(id, limits) {
      const dir = join(jobs, id);
      fs.mkdirSync(bufferFromBytes(dir));
      try {
        setLimits(dir, limits, keeps);
      } catch (error) {
        removeGroup(dir);
        throw error;
      }
      return dir;
    },
    kill(dir) {
      unlessGone(() => fs.writeFileSync(bufferFromBytes(join(dir, 'cgroup.kill')), '1'));
    },
    usage,
    remove: removeGroup,
    close: () => unlessGone(() => fs.rmdirSync(bufferFromBytes(jobs))),
  };
}

/** Has the groups below `jobs` keep a limit. False where the one above has it not to give. */
export function enable(jobs: Bytes, limit: GroupLimit): boolean {
  const above = jobs.slice(0, jobs.lastIndexOf('/')) as Bytes;
  try {
    for (const dir of [above, jobs])
      fs.writeFileSync(bufferFromBytes(join(dir, 'cgroup.subtree_control')), `+${limit}`);
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

const cpuPeriodMicros = 100_000;

/**
 * Writes the limits that the group keeps. One that runs out of memory is killed whole: what is left of a job that lost a process would
 * go on as if nothing had happened. @throws errno errors
 */
export function setLimits(dir: Bytes, { memoryMaxBytes, cpuMax }: Limits, keeps: ReadonlySet<GroupLimit>): void {
  const write = (name: string, text: string): void => fs.writeFileSync(bufferFromBytes(join(dir, name)), text);
  if (memoryMaxBytes !== undefined && keeps.has('memory')) {
    write('memory.max', String(memoryMaxBytes));
    write('memory.oom.group', '1');
    // Not there where swap is not counted.
    unlessGone(() => write('memory.swap.max', '0'));
  }
  if (cpuMax?.kind === 'share' && keeps.has('cpu'))
    write('cpu.max', `${Math.round((cpuMax.percent * cpuPeriodMicros) / 100)} ${cpuPeriodMicros}`);
}

/** Removes the group of a monitor that was killed, once nothing runs in it any more. */
function sweep(own: Bytes, name: string): void {
  const pid = /^sjq-jobs-(\d+)$/.exec(name)?.[1];
  if (pid === undefined || fs.existsSync(`/proc/${pid}`)) return;
  unlessGone(() => fs.rmdirSync(bufferFromBytes(join(own, name))));
}

/** A group that a monitor made for an attempt. */
export interface JobGroup {
  readonly dir: Bytes;
  /** The attempt's. */
  readonly id: string;
  readonly isPopulated: boolean;
}

/** Gives the groups that a monitor that lives made for attempts. Those of other monitors may stand beside: they are another root's. */
export function jobGroupsOf(monitorPid: number): readonly JobGroup[] {
  const given = fs.existsSync(`/proc/${monitorPid}`) ? givenGroupOf(monitorPid) : undefined;
  if (given === undefined) return [];
  const jobs = join(given.dir, `sjq-jobs-${monitorPid}`);
  let ids: readonly string[] = [];
  unlessGone(() => (ids = fs.readdirSync(bufferFromBytes(jobs), 'latin1')));
  return ids
    .filter((id) => /^\d+-\d+\.\d+-[0-9a-f]{6}$/.test(id))
    .map((id) => {
      const dir = join(jobs, id);
      return { dir, id, isPopulated: /^populated 1$/m.test(textOf(join(dir, 'cgroup.events'))) };
    });
}

/** Gives the group that was handed over to a monitor, and whether limits can be set below it. */
function givenGroupOf(pid: number | 'self'): { readonly dir: Bytes; readonly isLimitable: boolean } | undefined {
  const own = groupOf(pid);
  if (own === undefined) return undefined;
  const isLimitable = own.endsWith('/sjq-monitor');
  return { dir: isLimitable ? (own.slice(0, own.lastIndexOf('/')) as Bytes) : own, isLimitable };
}

/** Gives the directory of a process's group in the v2 hierarchy. */
function groupOf(pid: number | 'self'): Bytes | undefined {
  const path = /^0::(\/.*)$/m.exec(fs.readFileSync(`/proc/${pid}/cgroup`, 'latin1'))?.[1];
  const mount = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(fs.readFileSync('/proc/self/mountinfo', 'latin1'));
  if (path === undefined || !mount) return undefined;
  const [, root = '/', point = ''] = mount;
  // In a container the mount shows a subtree; the path counts from its root.
  const below = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  return bytesFromUtf8(below === '/' || below === '' ? point : `${point}${below}`);
}

/** Gives what a group's own files say it used. @see https://docs.kernel.org/admin-guide/cgroup-v2.html cpu.stat, memory.peak, memory.events */
export function usage(dir: Bytes): Usage {
  const cpuMicros = /^usage_usec (\d+)$/m.exec(textOf(join(dir, 'cpu.stat')))?.[1];
  const peak = /^(\d+)\n?$/.exec(textOf(join(dir, 'memory.peak')))?.[1];
  const oomKills = /^oom_kill (\d+)$/m.exec(textOf(join(dir, 'memory.events')))?.[1];
  return {
    ...(oomKills !== undefined && { oomKills: Number(oomKills) }),
    ...(cpuMicros !== undefined && { cpuMs: Math.round(Number(cpuMicros) / 1000) }),
    ...(peak !== undefined && { memoryPeakBytes: Number(peak) }),
  };
}

function textOf(path: Bytes): string {
  let text = '';
  unlessGone(() => (text = fs.readFileSync(bufferFromBytes(path), 'latin1')));
  return text;
}

/** Removes an empty group and those below it. One that is not empty, or gone, is left alone. */
export function removeGroup(dir: Bytes): void {
  unlessGone(() => {
    for (const entry of fs.readdirSync(bufferFromBytes(dir), { withFileTypes: true })) {
      if (entry.isDirectory()) removeGroup(join(dir, entry.name));
    }
    fs.rmdirSync(bufferFromBytes(dir));
    const parent = dir.slice(0, dir.lastIndexOf('/')) as Bytes;
    // The last attempt of an earlier monitor takes that one's group with it.
    if (!parent.endsWith(`-${process.pid}`) && /\/sjq-jobs-\d+$/.test(parent)) fs.rmdirSync(bufferFromBytes(parent));
  });
}

function unlessGone(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY', 'ENODEV', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  }
}
