// What syncing costs here: how long the disk takes for one, and how many directories a wake of the monitor syncs, as strace sees it.
import { spawn } from 'node:child_process';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { OurRoot } from './ours.ts';
import { end, until } from './run.ts';

const tries = 200;

/** Gives, in ms, how long each of some syncs took: of a file that grew by 4 KB, and of a directory in which a file is new. */
export function syncTimes(folder: string): { readonly file: readonly number[]; readonly directory: readonly number[] } {
  const [file, directory]: [number[], number[]] = [[], []];
  const of = openSync(folder, 'r');
  const grows = openSync(join(folder, 'grows'), 'wx');
  for (let at = 0; at < tries; at++) {
    writeSync(grows, Buffer.alloc(4096, 'x'));
    file.push(timed(() => fsyncSync(grows)));
    closeSync(openSync(join(folder, `new-${at}`), 'wx'));
    directory.push(timed(() => fsyncSync(of)));
  }
  for (const fd of [of, grows]) closeSync(fd);
  rmSync(folder, { recursive: true });
  return { file, directory };
}

function timed(act: () => void): number {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
}

/** Gives how many directories each wake synced while `work` was done, of those that synced any. */
export async function syncsOfWakes(
  root: OurRoot,
  output: string,
  work: () => Promise<void>,
): Promise<readonly number[]> {
  const calls = 'trace=fsync,fdatasync,link,linkat,epoll_wait,epoll_pwait';
  const tracer = spawn('strace', [
    '-f',
    '-y',
    '-p',
    String(root.pid()),
    '-o',
    output,
    '-e',
    calls,
    '-e',
    'signal=none',
  ]);
  let said = '';
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said.includes('attached') || tracer.exitCode !== null, 'strace attaches');
  try {
    await work();
  } finally {
    await end(tracer, 'SIGINT');
  }
  return countedIn(readFileSync(output, 'latin1'), root.pid());
}

/**
 * The monitor syncs directories in its main thread, those in which something was made before those from which something goes. So a
 * wake's are over when that thread waits, or makes another link.
 */
function countedIn(trace: string, pid: number): readonly number[] {
  const wakes: number[] = [];
  let count = 0;
  for (const line of trace.split('\n')) {
    const [, of, call, path] = /^(\d+) +(\w+)\((?:\d+<([^>]*)>)?/.exec(line) ?? [];
    if (Number(of) !== pid) continue;
    if (call?.endsWith('sync')) {
      if (isDirectory(path ?? '')) count += 1;
    } else if (count > 0) {
      wakes.push(count);
      count = 0;
    }
  }
  return wakes;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
