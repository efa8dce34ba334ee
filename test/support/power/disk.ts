// A disk that can lose its power: a loop device on disk.mjs, with its file system, monitors and jobs in a mount namespace of
// their own. Nothing is seen of it outside, and when the disk's process ends its mounts end with it.
import { type ChildProcess, execFile, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { afterwards } from '../afterwards.ts';
import { eventually } from '../eventually.ts';
import { killIfThere } from '../scratch.ts';
import { type CutState, type LogEntry, piecesOf } from './write-log.ts';

/** A file system, how big a disk it needs, and how it is made and mounted there. Discards are not among what is logged. */
export interface FileSystem {
  readonly name: 'ext4' | 'xfs' | 'btrfs';
  readonly sizeBytes: number;
  readonly make: readonly string[];
  /** What it believes a disk to write whole: the superblock of ext4 and btrfs is longer than 512 bytes, and has one checksum. */
  readonly sectorBytes: number;
}

const mib = 1024 * 1024;

export const fileSystems: readonly [FileSystem, ...FileSystem[]] = [
  { name: 'ext4', sizeBytes: 64 * mib, make: ['mkfs.ext4', '-q', '-F', '-E', 'nodiscard'], sectorBytes: 4096 },
  // The least that mkfs.xfs makes.
  { name: 'xfs', sizeBytes: 320 * mib, make: ['mkfs.xfs', '-q', '-f', '-K'], sectorBytes: 512 },
  {
    name: 'btrfs',
    sizeBytes: 128 * mib,
    make: ['mkfs.btrfs', '-q', '-f', '-K', '-m', 'single', '-d', 'single'],
    sectorBytes: 4096,
  },
];

/** Skips the test, aloud, where no disk can lose its power. */
export function needPowerCuts(context: TestContext): void {
  const why = whyNoPowerCuts();
  if (why === undefined) return;
  console.log(`SKIPPED: ${context.task.name}: ${why}`);
  context.skip(why);
}

function whyNoPowerCuts(): string | undefined {
  if (process.getuid?.() !== 0) return 'a disk that loses its power takes root';
  const missing = ['/dev/fuse', '/dev/loop-control'].filter((device) => !existsSync(device));
  if (missing.length > 0) return `there is no ${missing.join(', no ')} here`;
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'nothing can be mounted here';
  const unknown = fileSystems.filter(({ name }) => !isKnown(name) && !isLoaded(name)).map(({ name }) => name);
  return unknown.length > 0 ? `this kernel has no ${unknown.join(', no ')}` : undefined;
}

function isKnown(fileSystem: string): boolean {
  return readFileSync('/proc/filesystems', 'utf8').includes(`\t${fileSystem}\n`);
}

function isLoaded(fileSystem: string): boolean {
  return spawnSync('modprobe', ['-q', fileSystem]).status === 0 && isKnown(fileSystem);
}

/** Where things are in every disk's namespace, so that a UOW recorded in one finds them in another. */
export interface Places {
  /** The file system is mounted here. */
  readonly fs: string;
  /** What is outside the disk and told by jobs; each disk has its own here. */
  readonly witness: string;
}

export interface Disk {
  /** The file system, as this process sees it. */
  readonly fs: string;
  /** The folder that is the namespace's `places.witness`. */
  readonly witness: string;
  /** Gives how many writes and flushes came so far: all that precede the call are counted. */
  index(): number;
  /** From the next mount on the disk is as this cut left it, on a host that has been started anew. */
  cut(entries: readonly LogEntry[], state: CutState): void;
  make(): Promise<void>;
  mount(): Promise<void>;
  unmount(): Promise<void>;
  /** Starts a program on it, which ends with this process. */
  start(argv: readonly string[], stdio?: StdioOptions): ChildProcess;
  /** Runs one; gives its standard output. @throws if it does not exit with 0 within a minute */
  run(argv: readonly string[]): Promise<string>;
  /** Kills all that runs on it, and takes everything away. */
  end(): Promise<void>;
}

/** Starts a disk: an empty one that writes the log, or one that shows states of it. `folder` is its own and empty. */
export async function startDisk(
  mode: 'record' | 'replay',
  { fileSystem, log, folder, places }: { fileSystem: FileSystem; log: string; folder: string; places: Places },
): Promise<Disk> {
  const own = { witness: join(folder, 'witness'), bootId: join(folder, 'boot-id'), disk: join(folder, 'disk') };
  for (const dir of [own.witness, places.witness, places.fs]) mkdirSync(dir, { recursive: true });
  // What a start on another disk than the recording one is told by.
  writeFileSync(join(own.witness, 'index'), '9999999\n');
  writeFileSync(own.bootId, newBootId());
  const program = [process.execPath, join(import.meta.dirname, 'disk.mjs'), mode, folder];
  const namespace = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'];
  const server = spawn('setpriv', [...namespace, ...program, String(fileSystem.sizeBytes), log], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = server.pid ?? 0;
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const inside = (argv: readonly string[]): readonly string[] => ['-t', String(pid), '-m', '--', ...argv];
  const run = async (argv: readonly string[]): Promise<string> => {
    const options = { timeout: 60_000, killSignal: 'SIGKILL', cwd: '/', maxBuffer: 16 * mib } as const;
    return (await promisify(execFile)('nsenter', inside(argv), options)).stdout;
  };
  // The kernel remembers a btrfs by the device it was last seen on, and refuses an older state of it on another.
  const forget = async (loop: string): Promise<void> => {
    if (fileSystem.name === 'btrfs') await run(['btrfs', 'device', 'scan', '--forget', loop]);
  };
  const life = { isOver: false, flushed: Infinity };
  const end = async (): Promise<void> => {
    if (life.isOver) return;
    life.isOver = true;
    await eventually(() => killAllIn(pid), { withinMs: 20_000, what: 'all that ran on the disk is gone' });
    await run(['umount', '-l', places.fs]).catch(() => undefined);
    server.kill('SIGKILL');
    await eventually(() => server.exitCode !== null || server.signalCode !== null, { what: 'the disk is gone' });
  };
  afterwards(end);
  await eventually(() => said.includes('ready') || server.exitCode !== null, { withinMs: 20_000, what: 'a disk' });
  if (server.exitCode !== null) throw new Error(`no disk: ${said}`);
  await run(['mount', '--bind', own.witness, places.witness]);
  await run(['mount', '--bind', own.bootId, '/proc/sys/kernel/random/boot_id']);
  return {
    fs: `/proc/${pid}/root${places.fs}`,
    witness: own.witness,
    index: () => Number(readFileSync(join(own.witness, 'index'), 'latin1')),
    cut(entries, state) {
      const isAnew = state.flushed < life.flushed;
      const flushed = piecesOf(entries.slice(isAnew ? 0 : life.flushed, state.flushed));
      life.flushed = state.flushed;
      writeFileSync(join(folder, 'state'), JSON.stringify({ isAnew, flushed, also: state.also }));
      utimesSync(`/proc/${pid}/root${own.disk}`, 1, 1);
      writeFileSync(own.bootId, newBootId());
    },
    async make() {
      const [command = '', ...args] = fileSystem.make;
      const loop = (await run(['losetup', '-f', '--show', own.disk])).trim();
      try {
        await run([command, ...args, loop]);
        await forget(loop);
      } finally {
        await run(['losetup', '-d', loop]);
      }
    },
    async mount() {
      await run(['mount', '-t', fileSystem.name, '-o', 'loop,nodiscard', own.disk, places.fs]);
    },
    async unmount() {
      const loop = (await run(['findmnt', '-n', '-o', 'SOURCE', places.fs])).trim();
      // The launcher ends a moment after its monitor.
      const isUnmounted = (): Promise<boolean> => run(['umount', places.fs]).then(() => true);
      await eventually(isUnmounted, { withinMs: 20_000, what: 'it can be unmounted' });
      await forget(loop);
    },
    start: ([command = '', ...args], stdio = 'ignore') =>
      spawn('nsenter', inside(['setpriv', '--pdeathsig', 'KILL', command, ...args]), { stdio, cwd: '/' }),
    run,
    end,
  };
}

function newBootId(): string {
  return `${crypto.randomUUID()}\n`;
}

/** Kills every process of a disk's namespace but the disk. Gives true if there was none. */
function killAllIn(pid: number): boolean {
  const namespaceOf = (of: number | string): string | undefined => {
    try {
      return readlinkSync(`/proc/${of}/ns/mnt`);
    } catch {
      // Gone in the meantime.
      return undefined;
    }
  };
  const own = namespaceOf(pid);
  if (own === undefined || own === namespaceOf('self')) return true;
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== pid);
  const there = others.filter((name) => namespaceOf(name) === own).map(Number);
  for (const one of there) killIfThere(one);
  return there.length === 0;
}
