// What durability costs: the same UOWs through the real monitor on a journaled ext4, with each setting in turn.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from '../afterwards.ts';
import { program, run, uowText } from '../root.ts';

export type Durability = 'power' | 'process';

/** Mounts a new ext4 in a file of `folder`, unmounted after the test. Gives where it is. */
export function mountExt4(folder: string): string {
  const [image, fs] = [join(folder, 'image'), join(folder, 'mounted')];
  mkdirSync(fs);
  execFileSync('truncate', ['-s', '256M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', image]);
  execFileSync('mount', ['-o', 'loop', image, fs]);
  afterwards(() => execFileSync('umount', ['-l', fs]));
  return fs;
}

/** Makes a root in which so many UOWs wait, each of which does nothing. */
export function fillRoot(root: string, durability: Durability, count: number): void {
  execFileSync(process.execPath, [program, 'init', root]);
  writeFileSync(join(root, 'config.yaml'), `durability: ${durability}\nslots: 2\n`);
  const old = new Date(Date.now() - 120_000);
  for (let number = 0; number < count; number++) {
    const path = join(root, 'wait-q', `job-${number}`);
    writeFileSync(path, uowText('command :: true'));
    utimesSync(path, old, old);
  }
}

/** Lets the real monitor do them all; gives the milliseconds from its start to the last one's end. */
export async function timedRun(fs: string, durability: Durability, count: number): Promise<number> {
  const root = join(fs, 'root');
  fillRoot(root, durability, count);
  execFileSync('sync', ['-f', fs]);
  await run(['once', '--quiet', '--root', root]);
  const lines = readFileSync(join(root, 'history.jsonl'), 'utf8').trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, string>);
  const ended = entries.filter(({ kind }) => kind === 'attempt').map((entry) => Date.parse(entry['ended_at'] ?? ''));
  if (ended.length !== count) throw new Error(`${ended.length} of ${count} have ended`);
  rmSync(root, { recursive: true });
  return Math.max(...ended) - Date.parse(entries.find(({ kind }) => kind === 'monitor-started')?.['at'] ?? '');
}

/** Gives the middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
