// Killing for certain: gone when the promise resolves. And finding what a kill may have left.
import { readdirSync, readFileSync } from 'node:fs';
import { isThere } from './crashes.ts';
import { eventually } from './eventually.ts';
import { killIfThere } from './scratch.ts';

/** Kills a process as a crash does, and waits until it is gone. */
export async function killHard(pid: number): Promise<void> {
  killIfThere(pid);
  await eventually(() => !isThere(pid), { what: `process ${pid} is gone` });
}

/** Gives the live processes whose command line holds `text`. */
export function processesWith(text: string): readonly number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => commandLineOf(pid).includes(text) && isThere(pid));
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
