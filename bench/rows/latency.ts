// Idle, one UOW after another: from its drop to the first thing that its job does. A small program in C tells the time at both ends,
// the same for everyone: as it becomes the submitting program, and as the job.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ourRoot } from '../ours.ts';
import { whyNot } from '../peers/peers.ts';
import { surroundings } from '../peers/task-spooler.ts';
import type { Bench, Line, Row } from '../row.ts';
import { run, sh, until } from '../run.ts';
import { median, quantile } from '../series.ts';

/** Between one job's end and the next drop: everything is at rest again. */
const gapMs = 100;

/** Drops one UOW whose job is `stamp TO`; gives when its drop began, in ns, if the bench itself saw that. */
type Drop = (id: number, to: string) => Promise<bigint | undefined>;

interface Way {
  readonly name: string;
  readonly drop: Drop;
  readonly end: () => Promise<void>;
}

export const latency: Row = {
  name: 'latency',
  about: 'idle: from the drop to the start of the job, p50 and p99, beside task-spooler',
  async run(bench) {
    const why = whyNot('gcc') ?? whyNot('tsp');
    if (why !== undefined) return [{ what: 'drop to start', figures: why, bound: '' }];
    const folder = bench.place.folder();
    const stamp = join(folder, 'stamp');
    await run('gcc', ['-O2', '-o', stamp, join(import.meta.dirname, '../peers/stamp.c')]);
    const ways = [
      await ours(bench, stamp, 'process', 'appears'),
      await ours(bench, stamp, 'process', 'mv'),
      await ours(bench, stamp, 'power', 'appears'),
      await taskSpooler(bench, stamp),
    ];
    const delays = new Map(ways.map(({ name }) => [name, [] as number[]]));
    const drops = Math.round(40 * bench.rounds * bench.scale);
    for (let id = 0; id < drops; id++) {
      for (const { name, drop } of ways) {
        const to = join(folder, `${name.replaceAll(/\W/g, '-')}-${id}`);
        delays.get(name)?.push(await delayOf(drop, id, to));
        await wait(gapMs);
      }
    }
    for (const { end } of ways) await end();
    return linesOf(delays);
  },
};

async function delayOf(drop: Drop, id: number, to: string): Promise<number> {
  const seenAt = await drop(id, to);
  await until(() => existsSync(to) && readFileSync(to, 'latin1').endsWith('\n'), `the job of drop ${id} runs`, 2);
  const startedAt = BigInt(readFileSync(to, 'latin1').trim());
  const droppedAt = seenAt ?? BigInt(readFileSync(`${to}.from`, 'latin1').trim());
  return Number(startedAt - droppedAt) / 1e6;
}

/** By rename(2), from just before the name appears; or by mv(1), from the start of that program. */
async function ours(bench: Bench, stamp: string, durability: string, how: 'appears' | 'mv'): Promise<Way> {
  const root = ourRoot(bench.place.folder(), ['slots: 2', `durability: ${durability}`]);
  await root.start();
  return {
    name: `sjq, ${durability}, ${how === 'mv' ? 'from the start of mv' : 'from the name’s appearance'}`,
    async drop(id, to) {
      root.prepare(1, [`command :: ${stamp} ${to}`], id);
      const [file, place] = [join(root.stage, `u${id}`), join(root.dir, 'wait-q', `u${id}`)];
      if (how === 'mv') {
        await run(stamp, [`${to}.from`, 'mv', file, place]);
        return undefined;
      }
      const at = process.hrtime.bigint();
      renameSync(file, place);
      return at;
    },
    async end() {
      await root.check(root.count('done-q'));
      await root.remove();
    },
  };
}

async function taskSpooler({ place }: Bench, stamp: string): Promise<Way> {
  const around = surroundings(place.folder());
  await sh('tsp -S 2', around);
  return {
    name: 'task-spooler, from the start of tsp',
    async drop(_, to) {
      await run(stamp, [`${to}.from`, 'tsp', stamp, to], around);
      return undefined;
    },
    async end() {
      await sh('tsp -K', around);
    },
  };
}

function linesOf(delays: ReadonlyMap<string, readonly number[]>): readonly Line[] {
  const peer = [...delays.values()].at(-1) ?? [];
  const [process = []] = delays.values();
  const p99 = (values: readonly number[]): number => quantile(values, 0.99);
  return [...delays].map(([name, values]): Line => {
    const measured = {
      what: `drop to start, ${name}`,
      figures: `p50 ${median(values).toFixed(2)}, p99 ${p99(values).toFixed(2)} ms of ${values.length}`,
    };
    if (values === peer || name.includes('mv')) return { ...measured, bound: '' };
    if (values === process) {
      const isFaster = median(values) < median(peer) && p99(values) < p99(peer);
      return { ...measured, bound: 'faster than task-spooler, p50 and p99', isReached: isFaster };
    }
    return { ...measured, bound: 'p50 at most twice that', isReached: median(values) <= 2 * median(process) };
  });
}
