// The wall clock of single processes, set at will by libfaketime: what an administrator, NTP or a battery that is empty does to all
// of a machine. Its uptime goes on, and nobody else notices.
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { afterwards } from './afterwards.ts';
import { needPrograms } from './programs.ts';
import { scratchFolder } from './scratch.ts';

/** A wall clock that a test sets. */
export interface WallClock {
  /** What a process needs in its environment. It must be started through env(1): bash reads this only as a second program. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets it so many seconds ahead of the real one, less than 0 behind it. Processes notice at their next look. */
  set(aheadSeconds: number): void;
}

/** Gives a clock that goes right until it is set. Skips the test, aloud, where libfaketime is not to be had. */
export function wallClock(context: TestContext): WallClock {
  needPrograms(context, { faketime: 'faketime' });
  const library = readdirSync('/usr/lib')
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
    .find((path) => readdirSync(join(path, '../..')).includes('faketime'));
  if (library === undefined) throw new Error('faketime is installed without its library');
  const file = join(scratchFolder(), 'ahead');
  const set = (aheadSeconds: number): void => {
    writeFileSync(`${file}.new`, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}

/** Removes what a killed process of that clock leaves in memory, after the test. */
export function tidyAfter(pid: number): void {
  afterwards(() => {
    for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
      rmSync(join('/dev/shm', name), { force: true });
  });
}
