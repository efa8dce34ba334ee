// Much output: a gigabyte through a job, beside the same through a shell's tee; and whether a UOW with a log of 10 GB ends as fast as
// one with 1 KB.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ourRoot } from '../ours.ts';
import type { Bench, Line, Row } from '../row.ts';
import { sh } from '../run.ts';
import { median, ratios, told } from '../series.ts';
import { inTurn } from '../turns.ts';

export const output: Row = {
  name: 'output',
  about: '1 GB of output against cmd | tee -a file; the end of a UOW with a log of 10 GB',
  run: async (bench) => [await through(bench), await ending(bench)],
};

/** Runs one UOW; gives ms from its drop to done-q. */
async function oneUow({ place }: Bench, command: string, leastBytes: number): Promise<number> {
  const root = ourRoot(place.folder(), []);
  root.prepare(1, [`command :: ${command}`]);
  await root.start();
  const startedAt = Date.now();
  root.dropAll();
  const tookMs = (await root.done(1)) - startedAt;
  const { size } = statSync(join(root.dir, 'done-q/u0'));
  if (size < leastBytes) throw new Error(`its file has only ${size} bytes`);
  await root.check(1);
  await root.remove();
  return tookMs;
}

async function through(bench: Bench): Promise<Line> {
  const bytes = Math.round(1e9 * bench.scale);
  const command = `head -c ${bytes} /dev/zero`;
  const byShell = async (): Promise<number> => {
    const folder = bench.place.folder();
    const startedAt = performance.now();
    await sh(`${command} | tee -a ${folder}/file > /dev/null`);
    const tookMs = performance.now() - startedAt;
    rmSync(folder, { recursive: true });
    return tookMs;
  };
  const contenders = [
    { name: 'sjq', measure: () => oneUow(bench, command, bytes) },
    { name: 'tee -a', measure: byShell },
  ];
  const series = await inTurn(contenders, bench.rounds, bench.say);
  const [ours = [], shell = []] = [...series.values()];
  const speed = ratios(shell, ours);
  return {
    what: `${(bytes / 1e9).toFixed(1)} GB of output, drop to done-q`,
    figures: `${told(ours, 0)} ms, cmd | tee -a file ${told(shell, 0)} ms: ${told(speed)} times as fast`,
    bound: 'at least 0.8 times',
    isReached: median(speed) >= 0.8,
  };
}

/** The job makes its own file longer: sparse, so that what is measured is the end and not the writing. */
async function ending(bench: Bench): Promise<Line> {
  const longer = (size: string, bytes: number) => ({
    name: size,
    measure: () => oneUow(bench, `truncate -s +${size} "$SJQ_UOW"`, bytes),
  });
  const series = await inTurn([longer('10G', 1e10), longer('1K', 1024)], 2 * bench.rounds, bench.say);
  const [long = [], short = []] = [...series.values()];
  const times = ratios(long, short);
  return {
    what: 'a UOW with a (sparse) log of 10 GB, drop to done-q',
    figures: `${told(long, 0)} ms, of 1 KB ${told(short, 0)} ms: ${told(times)} times as long`,
    bound: 'as fast, at most 1.2 times as long',
    isReached: median(times) <= 1.2,
  };
}
