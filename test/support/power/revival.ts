// Starting the monitor on a disk as a cut left it, and waiting until it has come to rest.
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { program } from '../root.ts';
import type { Disk, Places } from './disk.ts';

export interface Revival {
  /** Lets the monitor serve the root until nothing can start any more. @throws if it does not come to that */
  live(): Promise<void>;
}

/** A process for each life, as after a real cut. */
export function realLives(disk: Disk, places: Places): Revival {
  return {
    async live() {
      await disk.run([process.execPath, program, 'once', '--quiet', '--root', join(places.fs, 'root')]);
    },
  };
}

/** One process for all lives: the same monitor, launcher and guardians, without a start of Node each time. */
export function sharedLives(disk: Disk, places: Places): Revival {
  const script = join(import.meta.dirname, 'lives.mjs');
  const child = disk.start([process.execPath, script, join(places.fs, 'root')], ['pipe', 'pipe', 'inherit']);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  return {
    async live() {
      said = '';
      child.stdin?.write('\n');
      await eventually(() => said.endsWith('\n'), { withinMs: 60_000, what: 'the monitor comes to rest' });
      if (said !== 'idle\n') throw new Error(`the monitor ended with ${said}`);
    },
  };
}
