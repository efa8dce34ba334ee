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

/** Gives how many bytes it had written to disks, files that it made included. */
export function writtenBytes(pid: number): number {
  return numberIn(`/proc/${pid}/io`, /^write_bytes: (\d+)/m);
}

function numberIn(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(path, 'latin1'))?.[1] ?? NaN);
}
