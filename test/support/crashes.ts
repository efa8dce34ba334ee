// Finding a root's launcher and guardians in the process table, and its run records on disk, to crash them one by one.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  destinationLineBytes,
  resultLineBytes,
  runRecordFromText,
  textFromRunRecord,
} from '../../src/format/run-record.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import { eventually } from './eventually.ts';
import { killIfThere } from './scratch.ts';
import type { TestRoot } from './root.ts';

/** Gives the launcher of a root: the process whose script and working directory say so. */
export async function launcherOf(root: TestRoot): Promise<number> {
  return eventually(() => launchersOf(root)[0], { what: 'a launcher runs' });
}

/** Gives the pids of all launchers of a root; forked guardians have the same command line and are told by their parent. */
export function launchersOf(root: TestRoot): readonly number[] {
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isShellOf(pid, root));
  return own.filter((pid) => !own.includes(parentOf(pid)));
}

function isShellOf(pid: number, root: TestRoot): boolean {
  try {
    const isLauncher = readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('launcher.sh');
    return isLauncher && readlinkSync(`/proc/${pid}/cwd`) === root.path('.sjq/runs');
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]);
  } catch {
    return 0;
  }
}

/** The attempt that is claimed: its id, and its guardian and job once they are known. */
export interface ClaimOnDisk {
  readonly id: string;
  readonly record: string;
  readonly started: string;
  readonly guardian: number;
  readonly job: number;
}

/** Gives the claimed attempt of `uow`, as its files say. Records of others may still be there: they go when their logs are synced. */
export function claimOf(root: TestRoot, uow = 'job'): ClaimOnDisk {
  const runs = root.path('.sjq/runs');
  const name = readdirSync(runs).find(
    (entry) => entry.endsWith('.run') && textOf(join(runs, entry)).includes(`"name":"${uow}"`),
  );
  if (name === undefined) throw new Error('nothing is claimed');
  const id = name.slice(0, -'.run'.length);
  const started = join(runs, id, 'started');
  let numbers: readonly number[] = [];
  try {
    numbers = readFileSync(started, 'utf8').split(/\s+/).map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return { id, record: join(runs, name), started, guardian: numbers[0] ?? 0, job: numbers[2] ?? 0 };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Waits until the job of a claimed UOW runs; gives its attempt. */
export async function runningClaim(root: TestRoot, uow = 'job'): Promise<ClaimOnDisk> {
  return eventually(
    () => {
      const claim = claimOf(root, uow);
      return claim.job > 0 ? claim : undefined;
    },
    { withinMs: 20_000, what: 'a job runs' },
  );
}

/** Makes a record say that it was written under another boot of the host. */
export function ageBoot({ record }: ClaimOnDisk): void {
  const text = readFileSync(record, 'latin1');
  const read = runRecordFromText(text as Bytes);
  if (!read) throw new Error('there is no record');
  const reserved = resultLineBytes + destinationLineBytes;
  const aged = textFromRunRecord({ ...read.record, bootId: 'another-boot' });
  writeFileSync(record, text.slice(0, reserved) + aged.slice(reserved), 'latin1');
}

/** Kills a guardian and its job, tee and all, as a power cut would. */
export async function killAll({ guardian, job }: ClaimOnDisk): Promise<void> {
  killIfThere(guardian);
  killIfThere(job);
  await eventually(() => !isThere(guardian) && !isThere(job), { what: 'guardian and job are gone' });
}

/** True if there is such a process, and it is no zombie. */
export function isThere(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
