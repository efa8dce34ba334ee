// Where the queues of the bench stand: an ext4 with a journal, made and mounted for it in a file where that is allowed, else a folder.
// Which of them is said with the figures. Everything goes away with it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pidsWith } from './process.ts';

export interface Place {
  /** What it is, for people. */
  readonly what: string;
  /** Gives a new empty folder in it. */
  folder(): string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/** Names that the disk can hold: a UOW has three in its life, and a row may have a million of them. */
const nodes = 4_000_000;

/** Gives a place; `on` is a directory, `loop` for a disk in a file, or nothing for that if it can be had. */
export function makePlace(on: string | undefined): Place {
  if (on !== undefined && on !== 'loop') return folderIn(on);
  const work = mkdtempSync(join(tmpdir(), 'sjq-bench-'));
  const why = mountLoop(work);
  if (why === '') {
    const dir = join(work, 'disk');
    return place(dir, 'ext4 with a journal, in a loop file', () => {
      // Whoever was killed may not have let go yet.
      if (run('umount', dir) !== '') run('umount', '-l', dir);
      rmSync(work, { recursive: true });
    });
  }
  rmSync(work, { recursive: true });
  if (on === 'loop') throw new Error(`no disk in a loop file: ${why}`);
  return folderIn(tmpdir(), `; no disk in a loop file: ${why}`);
}

function folderIn(dir: string, why = ''): Place {
  const work = mkdtempSync(join(dir, 'sjq-bench-'));
  return place(work, `${typeOf(work)}, a folder${why}`, () => {
    rmSync(work, { recursive: true });
  });
}

function place(dir: string, what: string, remove: () => void): Place {
  return {
    what,
    folder: () => mkdtempSync(join(dir, 'bench-')),
    remove() {
      // A row that failed may have left the server of a peer, or a job: the paths in their environment tell them.
      for (const pid of pidsWith(dir)) process.kill(pid, 'SIGKILL');
      remove();
    },
  };
}

/** Mounts WORK/disk; gives what was complained about, nothing if it went well. */
function mountLoop(work: string): string {
  if (process.getuid?.() !== 0) return 'only root can mount one';
  const [image, dir] = [join(work, 'image'), join(work, 'disk')];
  mkdirSync(dir);
  return (
    run('truncate', '-s', '24G', image) ||
    run('mkfs.ext4', '-q', '-F', '-m', '0', '-N', String(nodes), image) ||
    // Without the option the kernel would write the tables of the inodes behind our back.
    run('mount', '-o', 'loop,noinit_itable', image, dir)
  );
}

function typeOf(dir: string): string {
  const { stdout } = spawnSync('stat', ['-f', '-c', '%T', dir], { encoding: 'utf8' });
  return stdout.trim() || `file system ${statfsSync(dir).type.toString(16)}`;
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? '' : (error?.message ?? stderr).trim() || `${program} ends with ${status}`;
}
