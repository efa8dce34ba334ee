// What a process costs, as the kernel counts it (proc(5)).
import { readdirSync, readFileSync } from 'node:fs';

/** Gives the CPU time of all threads that live, in ms. */
export function cpuMs(pid: number): number {
  const times = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
  );
  return times.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

/** Gives what it holds of the machine's memory, in MB. */
export function memoryMb(pid: number): number {
  return (numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m) * 1024) / 1e6;
}

/** Gives what all processes hold that have this text in their environment, in MB; what several share is counted once. */
export function memoryOfAllMb(marker: string): number {
  const sizes = pidsWith(marker).map((pid) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(contentOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return (sizes.reduce((sum, kb) => sum + kb, 0) * 1024) / 1e6;
}

/** Gives the processes that have this text in their environment, this one left out. */
export function pidsWith(marker: string): readonly number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);
  return pids.filter((pid) => contentOf(`/proc/${pid}/environ`).includes(marker));
}

/** Gives what a file of a process holds that may be gone by now, or somebody else's. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** Gives how many bytes it had written to disks, files that it made included. */
export function writtenBytes(pid: number): number {
  return numberIn(`/proc/${pid}/io`, /^write_bytes: (\d+)/m);
}

function numberIn(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(path, 'latin1'))?.[1] ?? NaN);
}
