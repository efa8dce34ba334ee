// Power cuts on real file systems: what the disk was asked to write and flush is recorded while a session goes on, and replayed
// up to any point, with any part of what was not flushed; the kernel mounts each of these disks, the real monitor is started on it,
// and nothing that was promised before the cut may be broken.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Disk, type FileSystem, fileSystems, needPowerCuts, startDisk } from '../support/power/disk.ts';
import { record, type Recording, gates, startsIn, writeTell } from '../support/power/recording.ts';
import { realLives, type Revival, sharedLives } from '../support/power/revival.ts';
import { brokenPromises, restOf } from '../support/power/verdict.ts';
import { type Durability, fillRoot, median, mountExt4, timedRun } from '../support/power/cost.ts';
import { type CutState, cutStates, readWriteLog } from '../support/power/write-log.ts';
import { needPrograms } from '../support/programs.ts';
import { chance, figure, isTorture, times } from '../support/rig.ts';
import { scratchFolder } from '../support/scratch.ts';

const rig = 'power-cuts';
/** So many states of one recording; then the session is recorded anew, and its writes come otherwise. */
const statesARecording = 500;
/** How long the states of one file system may take in a common run. */
const budgetMs = 120_000;
const packages = {
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  setpriv: 'util-linux',
};

it(
  'what sjq submit acknowledged and what the monitor said holds after a power cut on ext4, xfs and btrfs',
  { timeout: times(600_000, 20 * 3_600_000) },
  async (context) => {
    needPowerCuts(context);
    needPrograms(context, packages);
    const broken = await Promise.all(fileSystems.map((fileSystem, at) => cutOn(fileSystem, at)));
    expect(broken.flat()).toEqual([]);
  },
);

// No assertion: how long a sync takes is the machine's affair. `npm run torture -- power-cuts` prints the figures.
it.runIf(isTorture)('what durability: power costs is measured', { timeout: 3_600_000 }, async (context) => {
  needPowerCuts(context);
  needPrograms(context, packages);
  const count = times(300, 300);
  const fs = mountExt4(scratchFolder());
  const perUow: Record<Durability, number[]> = { power: [], process: [] };
  for (let round = 0; round < 5; round++)
    for (const durability of ['power', 'process'] as const)
      perUow[durability].push((await timedRun(fs, durability, count)) / count);
  const [power, process] = [median(perUow.power), median(perUow.process)];
  for (const [durability, ms] of Object.entries({ power, process }))
    figure(rig, `a UOW with durability: ${durability}`, `${ms.toFixed(1)} ms`);
  figure(rig, 'power against process', `${(power / process).toFixed(2)} times`);
  for (const durability of ['power', 'process'] as const)
    figure(rig, `flushes a UOW with ${durability}`, (await flushesPerUow(durability, count)).toFixed(2));
});

/** Counts what a disk is asked to flush while the monitor does so many UOWs that do nothing. */
async function flushesPerUow(durability: Durability, count: number): Promise<number> {
  const folder = scratchFolder();
  const [fileSystem] = fileSystems;
  const places = { fs: join(folder, 'fs'), witness: join(folder, 'witness') };
  const log = join(folder, 'log');
  const disk = await startDisk('record', { fileSystem, log, folder: join(folder, 'disk'), places });
  await disk.make();
  await disk.mount();
  fillRoot(join(disk.fs, 'root'), durability, count);
  await disk.run(['sync', '-f', places.fs]);
  const from = disk.index();
  await realLives(disk, places).live();
  const flushes = readWriteLog(log)
    .slice(from)
    .filter(({ kind }) => kind === 'flush').length;
  await disk.end();
  return flushes / count;
}

async function cutOn(fileSystem: FileSystem, salt: number): Promise<readonly string[]> {
  const scratch = scratchFolder();
  const broken: string[] = [];
  const states = times(salt === 0 ? 34 : 33, 5000);
  for (let done = 0, round = 0; done < states; round++) {
    const folder = join(scratch, String(round));
    const count = Math.min(statesARecording, states - done);
    const recording = await record(fileSystem, folder);
    broken.push(...(await replay(recording, folder, count, chance(salt * 1000 + round))));
    rmSync(folder, { recursive: true });
    done += count;
  }
  figure(rig, 'violations', broken.length);
  return broken;
}

async function replay(
  recording: Recording,
  folder: string,
  count: number,
  random: (below: number) => number,
): Promise<readonly string[]> {
  const { fileSystem, places, log, entries, from } = recording;
  const disk = await startDisk('replay', { fileSystem, log, folder: join(folder, 'cut'), places });
  writeTell(disk.witness, places);
  for (const gate of gates) writeFileSync(join(disk.witness, `gate-${gate}`), '');
  const broken: string[] = [];
  const own = realLives(disk, places);
  const shared = sharedLives(disk, places);
  const endAt = isTorture ? Infinity : performance.now() + budgetMs;
  let done = 0;
  for (const [number, state] of inSweeps(
    cutStates({ entries, from, sectorBytes: fileSystem.sectorBytes }, count, random),
  ).entries()) {
    if (performance.now() > endAt) break;
    const found = await brokenAt(recording, {
      disk,
      state,
      revival: number % (isTorture ? 10 : 3) === 0 ? own : shared,
    });
    broken.push(...found.map((what) => `${fileSystem.name}, ${state.how}: ${what}`));
    done += 1;
  }
  if (done < count) console.log(`${rig}: ${done} of ${count} states on ${fileSystem.name} in the time there was`);
  figure(rig, `states on ${fileSystem.name}`, done);
  await disk.end();
  return broken;
}

/** From the first cut to the last three times, so that a slow machine, which does not get through, has seen all of the session too. */
function inSweeps(states: readonly CutState[]): readonly CutState[] {
  return [0, 1, 2].flatMap((first) => states.filter((_state, at) => at % 3 === first));
}

async function brokenAt(
  recording: Recording,
  { disk, state, revival }: { readonly disk: Disk; readonly state: CutState; readonly revival: Revival },
): Promise<readonly string[]> {
  const root = join(disk.fs, 'root');
  writeFileSync(join(disk.witness, 'starts'), '');
  disk.cut(recording.entries, state);
  try {
    await disk.mount();
  } catch (error) {
    return [`it cannot be mounted: ${String(error)}`];
  }
  try {
    await revival.live();
    const later = startsIn(disk.witness);
    const rest = restOf(root);
    const broken = [...brokenPromises(recording, state.at, { root, later })];
    await revival.live();
    if (restOf(root) !== rest) broken.push(`a second start changed\n${rest}\nto\n${restOf(root)}`);
    if (startsIn(disk.witness).length !== later.length) broken.push('a second start started something');
    return broken;
  } finally {
    await disk.unmount();
  }
}
