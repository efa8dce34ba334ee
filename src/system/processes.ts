// Processes as the program sees them, read from /proc: who holds a file open, who belongs to a job, ending a whole tree. Longer
// than most files because it is one subject: each question is a filter over the same few readers of /proc, and what they skip
// (the vanished, the forbidden, zombies) must be the same for all. Which processes are to be ended is not decided here.
//
// Synchronous, because /proc answers from memory: no disk is waited for, and a promise each would cost ten times more.
import fs from 'node:fs';
import { basename } from 'node:path';
import psList from 'ps-list';
import { type Bytes, utf8FromBytes } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import type { Clock } from './clock.ts';
import { errnoOf } from '../model/errno.ts';

/** A process for as long as it lives: a pid comes again, its start time (clock ticks since boot) with it hardly ever. */
export interface ProcessId {
  readonly pid: number;
  readonly startTicks: number;
}

/** A file as the kernel knows it, whatever names it has or has no more. */
export interface FileId {
  readonly ino: number;
  readonly dev: number;
}

/** A process group of one session. Members that started before `sinceTicks` belong to somebody else who had the number earlier. */
export interface ProcessGroup {
  readonly pgid: number;
  readonly session: number;
  readonly sinceTicks?: number;
}

/** What marks the processes of one attempt: `SJQ_TOKEN=token` in the environment, and the groups they were started in. */
export interface ProcessTree {
  readonly token: string;
  readonly groups?: readonly ProcessGroup[];
}

/** A process that a procname matched. `token` is there if one of our own jobs started it. */
export interface RunningProcess {
  readonly pid: number;
  readonly name: string;
  readonly startedAtMs: number;
  readonly token?: string;
}

/** A process that a job started, as its environment tells. `uow` is the name of the job's UOW. */
export interface JobProcess extends ProcessId {
  readonly program: string;
  readonly token: string;
  readonly uow: Bytes;
  readonly attempt: string;
}

/**
 * Questions to the process table. A process that vanishes between two looks, a zombie, and what this user may not see (other
 * users' files and environments unless root; in a container without CAP_SYS_PTRACE also root) count as not there. A fault
 * of this process itself, such as no free descriptor, is thrown: to call a living guardian dead would be worse.
 */
export interface Processes {
  /**
   * True if `pid` has the file open; its descriptor 8 is looked at first, where a guardian keeps its run record. A fact of the kernel:
   * no other process that got the pid can have the file open.
   */
  hasOpen(pid: number, file: FileId): boolean;
  /** Gives the path of what a process has open as that descriptor, as it is called now; undefined if it cannot be seen. One that was deleted ends in ` (deleted)`. */
  pathOpenAs(pid: number, descriptor: number): Bytes | undefined;
  /** Gives all pids that have the file open, this one's too. Looks at everybody: for rare use. */
  holdersOf(file: FileId): readonly number[];
  /**
   * Gives which of the files somebody else has open for writing, as {@link keyOfFile}. One look at everybody for all files.
   * Does not see a shared mapping whose descriptor was closed.
   */
  writersOf(files: readonly FileId[]): ReadonlySet<string>;
  /**
   * Gives the live processes of an attempt, parents before their children: who carries the token, who is in one of the groups, and
   * their descendants. Never this process. One that dropped its environment, parent and group is seen by a cgroup only.
   */
  treeOf(tree: ProcessTree): readonly ProcessId[];
  /**
   * Sends a signal to each process that is still the one that was meant, one pid at a time (a group may have been joined by others).
   * Gives how many it was sent to and how many refused it (EPERM).
   */
  signal(processes: readonly ProcessId[], signal: NodeJS.Signals): { readonly sent: number; readonly denied: number };
  /**
   * Ends an attempt's processes: TERM and CONT, `graceMs` to go by themselves, then KILL until none is left or 5 s are
   * over. What is started meanwhile is left to its parent's clean-up and gets its own TERM once all that had theirs are gone.
   * Gives who is still there: those of another user, or stuck in the kernel.
   */
  endTree(
    tree: ProcessTree,
    graceMs: number,
    clock: Pick<Clock, 'after'>,
  ): Promise<{ readonly survivors: readonly ProcessId[] }>;
  /** Gives the kernel's id of this boot: pids and ticks of another one mean nothing. */
  bootId(): string;
  /** Gives when the process started, in clock ticks since boot; undefined if there is none. A zombie still has it. */
  startTicks(pid: number): number | undefined;
  /** True if there is such a process and it is no zombie. Not whether it is the one you mean: see {@link ProcessId}. */
  isAlive(pid: number): boolean;
  /** Gives the live processes that jobs of the root started, whatever became of these; without this process. */
  jobsOf(root: Bytes): readonly JobProcess[];
  /**
   * Gives the processes whose program has one of the names: the base name of argv[0], or of the script under an interpreter.
   * @throws SjqError `bad-config` if there is no `ps`.
   */
  running(names: readonly string[]): Promise<readonly RunningProcess[]>;
}

/** Gives the key of a file in {@link Processes.writersOf}'s answer. */
export function keyOfFile(file: FileId): string {
  return `${file.dev}:${file.ino}`;
}

// ---- readers of /proc ------------------------------------------------------------------------------------------------------

const unseen = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);
/** What a stat of somebody else's open file may say besides: a dead FUSE or NFS mount is no fault of ours. */
const unreachable = new Set([...unseen, 'ENOTDIR', 'ENOTCONN', 'ESTALE', 'EIO', 'EHOSTDOWN', 'ETIMEDOUT']);

function unlessUnseen<T>(act: () => T, codes: ReadonlySet<string> = unseen): T | undefined {
  try {
    return act();
  } catch (error) {
    if (codes.has(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Scratch for `read`, which fills and empties it without a break. */
const chunk = Buffer.allocUnsafeSlow(16_384);

/** Gives the bytes of a file of a process; undefined if it cannot be seen. */
function read(pid: number, file: string): string | undefined {
  return unlessUnseen(() => {
    // By hand, because readFileSync takes twice as long for a file that does not tell its size, and this is read for everybody.
    const fd = fs.openSync(`/proc/${pid}/${file}`, 'r');
    try {
      let text = '';
      for (;;) {
        const got = fs.readSync(fd, chunk);
        text += chunk.toString('latin1', 0, got);
        // Only the end reads as nothing: some of these files come a line or a page at a time.
        if (got === 0) return text;
      }
    } finally {
      fs.closeSync(fd);
    }
  });
}

function allPids(): number[] {
  return fs.readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Gives the paths of a process's open descriptors under /proc. */
function descriptorsOf(pid: number): string[] {
  return (unlessUnseen(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? []).map((fd) => `/proc/${pid}/fd/${fd}`);
}

/** Gives the file behind a descriptor, deleted or not. Does not open it, so a FIFO or device is safe. */
function fileBehind(descriptor: string): FileId | undefined {
  return unlessUnseen(() => fs.statSync(descriptor, { throwIfNoEntry: false }), unreachable);
}

function isSameFile(one: FileId | undefined, other: FileId): boolean {
  return one !== undefined && one.ino === other.ino && one.dev === other.dev;
}

interface Status {
  readonly isLive: boolean;
  readonly parent: number;
  readonly pgid: number;
  readonly session: number;
  readonly startTicks: number;
}

/** @see proc_pid_stat(5). The name in parentheses may hold anything, parentheses and newlines too. */
function statusOf(pid: number): Status | undefined {
  const text = read(pid, 'stat');
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (index: number): number => Number(fields[index - 3]);
  // A main thread that ended before the others looks like a zombie, and the process runs on.
  const hasEnded = fields[0] === 'X' || (fields[0] === 'Z' && field(20) <= 1);
  return { isLive: !hasEnded, parent: field(4), pgid: field(5), session: field(6), startTicks: field(22) };
}

/** Gives the value of a variable in the environment that the process was started with. */
function variableOf(pid: number, name: string): string | undefined {
  const environment = '\0' + (read(pid, 'environ') ?? '') + '\0';
  const start = environment.indexOf(`\0${name}=`);
  if (start < 0) return undefined;
  const from = start + name.length + 2;
  return environment.slice(from, environment.indexOf('\0', from));
}

/**
 * Gives the mount points (ending in `/`) of network and user-space file systems that hold none of the files. A stat in one of
 * these may never come back while its server is away, and the monitor would stand still for a stranger's file.
 * @see proc_pid_mountinfo(5), makedev(3) for how a device number is put together.
 */
export function foreignMountsFromText(mountinfo: string, files: readonly FileId[]): readonly string[] {
  const points: string[] = [];
  for (const line of mountinfo.split('\n')) {
    const [, , device = '', , point = ''] = line.split(' ');
    const [major = 0, minor = 0] = device.split(':').map(Number);
    const dev = major * 256 + (minor % 256) + (minor - (minor % 256)) * 4096;
    const type = line.slice(line.indexOf(' - ') + 3);
    if (!/^(nfs|cifs|smb|fuse|9p|ceph|afs|gfs|lustre|ocfs)/.test(type) || files.some((file) => file.dev === dev))
      continue;
    points.push(point.replace(/\\(\d{3})/g, (_whole, octal: string) => String.fromCharCode(parseInt(octal, 8))) + '/');
  }
  return points;
}

/** Calls `meet` for each descriptor of anybody that leads to one of the files, if `mayHold` lets it be looked at. */
function eachOpenFile(
  files: readonly FileId[],
  mayHold: (pid: number, descriptor: string) => boolean,
  meet: (pid: number, file: FileId) => void,
): void {
  const foreign = foreignMountsFromText(read(process.pid, 'mountinfo') ?? '', files);
  const wanted = new Set(files.map(keyOfFile));
  for (const pid of allPids()) {
    for (const descriptor of descriptorsOf(pid)) {
      if (!mayHold(pid, descriptor)) continue;
      const path = unlessUnseen(() => fs.readlinkSync(descriptor)) ?? '';
      // Pipes, sockets and the like have no path.
      if (!path.startsWith('/') || foreign.some((point) => path.startsWith(point))) continue;
      const file = fileBehind(descriptor);
      if (file !== undefined && wanted.has(keyOfFile(file))) meet(pid, file);
    }
  }
}

// ---- trees -----------------------------------------------------------------------------------------------------------------

function treeOf({ token, groups = [] }: ProcessTree): ProcessId[] {
  const statuses = new Map<number, Status>();
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const status = pid === process.pid ? undefined : statusOf(pid);
    if (status?.isLive !== true) continue;
    statuses.set(pid, status);
    const siblings = children.get(status.parent);
    if (siblings === undefined) children.set(status.parent, [pid]);
    else siblings.push(pid);
  }
  const isOfGroup = (status: Status): boolean =>
    groups.some(
      ({ pgid, session, sinceTicks = 0 }) =>
        status.pgid === pgid && status.session === session && status.startTicks >= sinceTicks,
    );
  const members = new Set<number>();
  for (const [pid, status] of statuses) {
    // The environment after the status: if the pid changes hands in between, the ticks are the old one's and nothing is signalled.
    if (isOfGroup(status) || variableOf(pid, 'SJQ_TOKEN') === token) members.add(pid);
  }
  // A Set that grows while it is walked is walked to its new end.
  for (const pid of members) for (const child of children.get(pid) ?? []) members.add(child);

  const ordered = new Set([...members].filter((pid) => !members.has(statuses.get(pid)?.parent ?? 0)));
  for (const pid of ordered) for (const child of children.get(pid) ?? []) ordered.add(child);
  // A pid reused during the look can make two processes each other's parent, and neither is a first one.
  for (const pid of members) ordered.add(pid);
  return [...ordered].flatMap((pid) => {
    const status = statuses.get(pid);
    return status === undefined ? [] : [{ pid, startTicks: status.startTicks }];
  });
}

function isStill({ pid, startTicks }: ProcessId): boolean {
  const status = statusOf(pid);
  return status?.isLive === true && status.startTicks === startTicks;
}

function signal(processes: readonly ProcessId[], name: NodeJS.Signals): { sent: number; denied: number } {
  let sent = 0;
  let denied = 0;
  for (const target of processes) {
    if (!isStill(target)) continue;
    try {
      process.kill(target.pid, name);
      sent += 1;
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EPERM') denied += 1;
      else if (code !== 'ESRCH') throw error;
    }
  }
  return { sent, denied };
}

const longestPauseMs = 50;
const killPatienceMs = 5000;

async function endTree(
  tree: ProcessTree,
  graceMs: number,
  clock: Pick<Clock, 'after'>,
): Promise<{ survivors: readonly ProcessId[] }> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  /** Repeats `look` until it gives nobody or the time is over. Most processes go within milliseconds, so it looks often at first. */
  const untilNone = async (limitMs: number, look: () => readonly ProcessId[]): Promise<void> => {
    const time = { isOver: false };
    const cancel = clock.after(limitMs, () => {
      time.isOver = true;
    });
    for (let pauseMs = 2; look().length > 0 && !time.isOver; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      await pause(pauseMs);
    }
    cancel();
  };

  let known: readonly ProcessId[] = [];
  await untilNone(graceMs, () => {
    known = known.filter(isStill);
    if (known.length > 0) return known;
    // Everybody is only looked at when all that were asked are gone.
    known = treeOf(tree);
    signal(known, 'SIGTERM');
    // A stopped process does not see its TERM.
    signal(known, 'SIGCONT');
    return known;
  });
  // Two looks in a row that find nobody: one can miss a child that was forked behind its back by a parent that has ended since.
  let rest: readonly ProcessId[] = [];
  await untilNone(killPatienceMs, () => {
    const before = rest;
    rest = treeOf(tree);
    signal(rest, 'SIGKILL');
    return [...before, ...rest];
  });
  return { survivors: rest };
}

function jobsOf(root: Bytes): readonly JobProcess[] {
  return allPids().flatMap((pid): readonly JobProcess[] => {
    // Most processes are no job's, and tell it by one short look.
    if (pid === process.pid || variableOf(pid, 'SJQ_ROOT') !== root) return [];
    const status = statusOf(pid);
    const token = variableOf(pid, 'SJQ_TOKEN');
    if (status?.isLive !== true || token === undefined) return [];
    const uow = (variableOf(pid, 'SJQ_NAME') ?? '') as Bytes;
    const attempt = variableOf(pid, 'SJQ_ATTEMPT') ?? '?';
    const program = utf8FromBytes((read(pid, 'comm') ?? '?').trimEnd());
    return [{ pid, startTicks: status.startTicks, program, token, uow, attempt }];
  });
}

// ---- programs by name ------------------------------------------------------------------------------------------------------

const interpreter = /^(sh|bash|dash|zsh|ksh|ash|busybox|python[\d.]*|perl[\d.]*|ruby[\d.]*|node|nodejs|java)$/;

/** Gives how the interpreter's option looks that is followed by program text: `-e` is that in perl, and in a shell it is not. */
function codeOptionOf(program: string): RegExp {
  if (/^(perl|ruby)/.test(program)) return /^-\w*[eE]$/;
  if (program.startsWith('node')) return /^(-[ep]+|--eval|--print)$/;
  return /^-[a-zA-Z]*c[a-zA-Z]*$/;
}

/**
 * Gives the names that a command line goes by: the base name of its program, and under an interpreter that of the script, the
 * module of `-m` or the file of `-jar`. Program text is no name. An option's own argument (`python -W ignore x.py`) is taken for
 * the script, because which options have one differs by interpreter.
 */
export function namesFromArgv(argv: readonly string[]): readonly string[] {
  // A login shell's argv[0] is `-bash`.
  const program = basename(argv[0] ?? '').replace(/^-/, '');
  if (!interpreter.test(program)) return [program];
  const first = argv.findIndex((arg, index) => index > 0 && !arg.startsWith('-'));
  const codeOption = codeOptionOf(program);
  if (first < 0 || argv.slice(1, first).some((arg) => codeOption.test(arg))) return [program];
  return [program, basename(argv[first] ?? '')];
}

async function running(names: readonly string[]): Promise<readonly RunningProcess[]> {
  if (names.length === 0) return [];
  // ps-list and not our own readers: this one asks everybody's command line and start time at each poll and nobody waits for
  // the answer, so it is better had in another process (15 ms there) than by holding up the loop on a host with thousands.
  // ps joins the arguments with blanks and hides what is not ASCII, so who may match is looked at once more in /proc.
  const listed = await psList().catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    const message = 'the program ps is missing and `procnames` needs it: install procps';
    throw new SjqError('bad-config', message, { cause: error });
  });
  const mayMatch = names.map((name) => (/^[!-~]+$/.test(name) ? name : undefined));
  const found: RunningProcess[] = [];
  for (const { pid, cmd = '', startTime } of listed) {
    if (pid === process.pid || !mayMatch.some((name) => name === undefined || cmd.includes(name))) continue;
    const commandLine = utf8FromBytes(read(pid, 'cmdline') ?? '');
    const own = namesFromArgv(commandLine.split('\0'));
    const name = names.find((wanted) => own.includes(wanted));
    if (commandLine === '' || name === undefined) continue;
    const token = variableOf(pid, 'SJQ_TOKEN');
    const startedAtMs = startTime?.getTime() ?? 0;
    found.push({ pid, name, startedAtMs, ...(token === undefined ? {} : { token }) });
  }
  return found;
}

/** The kernel's process table. */
export const realProcesses: Processes = {
  hasOpen(pid, file) {
    const isIt = (descriptor: string): boolean => isSameFile(fileBehind(descriptor), file);
    return isIt(`/proc/${pid}/fd/8`) || descriptorsOf(pid).some(isIt);
  },
  pathOpenAs: (pid, descriptor) =>
    unlessUnseen(() => fs.readlinkSync(`/proc/${pid}/fd/${descriptor}`, 'latin1')) as Bytes | undefined,
  holdersOf(file) {
    const holders = new Set<number>();
    eachOpenFile(
      [file],
      (pid) => !holders.has(pid),
      (pid) => holders.add(pid),
    );
    return [...holders];
  },
  writersOf(files) {
    const written = new Set<string>();
    if (files.length === 0) return written;
    // The link's own mode tells how the file was opened, and costs no look at the file.
    const isForWriting = (descriptor: string): boolean =>
      ((unlessUnseen(() => fs.lstatSync(descriptor, { throwIfNoEntry: false }))?.mode ?? 0) & 0o200) !== 0;
    eachOpenFile(
      files,
      (pid, descriptor) => pid !== process.pid && isForWriting(descriptor),
      (_pid, found) => written.add(keyOfFile(found)),
    );
    return written;
  },
  treeOf,
  signal,
  endTree,
  bootId: () => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
  startTicks: (pid) => statusOf(pid)?.startTicks,
  isAlive: (pid) => statusOf(pid)?.isLive === true,
  jobsOf,
  running,
};
