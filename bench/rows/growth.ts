// How time and memory grow with the number of UOWs, ours and the peers', as far as each of them goes. With --write
// it draws docs/benchmarks/*.svg.
import { type Growth, draw } from '../chart.ts';
import { bullmqHolds, type Holds, nqHolds, ourHolds, taskSpoolerHolds } from '../held.ts';
import * as bullmq from '../peers/bullmq.ts';
import * as nq from '../peers/nq.ts';
import { type Program, whyNot } from '../peers/peers.ts';
import * as taskSpooler from '../peers/task-spooler.ts';
import { type Does, atOnce, oursFed } from '../queues.ts';
import type { Bench, Line, Row } from '../row.ts';
import { median } from '../series.ts';
import { inTurn } from '../turns.ts';

interface Grower {
  readonly name: string;
  readonly program?: Program;
  readonly does: Does;
  readonly holds: Holds;
  /** More cannot wait in it, or would take all of the machine. */
  readonly atMost: number;
}

const growers: readonly Grower[] = [
  {
    name: 'sjq',
    does: oursFed({ output: 'append', durability: 'process' }, atOnce),
    holds: ourHolds,
    atMost: Infinity,
  },
  {
    name: 'task-spooler',
    program: 'tsp',
    does: taskSpooler.filled,
    holds: taskSpoolerHolds,
    atMost: taskSpooler.waitingAtMost,
  },
  // Two processes for each job that waits.
  { name: 'nq', program: 'nq', does: nq.fed, holds: nqHolds, atMost: 2000 },
  { name: 'BullMQ', program: 'redis-server', does: bullmq.fed, holds: bullmqHolds, atMost: Infinity },
];

export const growth: Row = {
  name: 'growth',
  about: 'pictures of time and memory over 100 to 10,000 UOWs, with --scale 10 to 100,000, with 100 to 1,000,000',
  async run(bench) {
    const counts = [100, 300, 900, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
    const those = counts.filter((count) => count <= 10_000 * bench.scale);
    const able = growers.filter(({ name, program }) => {
      const why = program === undefined ? undefined : whyNot(program);
      if (why !== undefined) bench.say(`${name} is left out: ${why}`);
      return why === undefined;
    });
    const time: Growth = { title: 'Time a UOW (no-op, 2 at once)', unit: 'ms', lines: linesFor(able) };
    const memory: Growth = { title: 'Memory while they wait', unit: 'MB', lines: linesFor(able) };
    for (const count of those) {
      const here = able.filter(({ atMost }) => count <= atMost);
      const job = 'direct';
      await add(bench, time, count, here, async ({ does }) => (await does(bench.place.folder(), job, count)) / count);
      await add({ ...bench, rounds: 1 }, memory, count, here, ({ holds }) => holds(bench.place.folder(), count));
    }
    if (bench.isWriting) {
      await draw('docs/benchmarks/time.svg', time);
      await draw('docs/benchmarks/memory.svg', memory);
    }
    return [...told(time, 2), ...told(memory, 0)];
  },
};

function linesFor(able: readonly Grower[]): Growth['lines'] {
  return new Map(able.map(({ name }) => [name, []]));
}

async function add(
  { rounds, say }: Bench,
  growth: Growth,
  count: number,
  here: readonly Grower[],
  measure: (grower: Grower) => Promise<number>,
): Promise<void> {
  const contenders = here.map((grower) => ({ name: grower.name, measure: () => measure(grower) }));
  const series = await inTurn(contenders, rounds, (text) => say(`${growth.title}, ${count}, ${text}`));
  for (const [name, values] of series) growth.lines.get(name)?.push([count, median(values)]);
}

function told({ title, unit, lines }: Growth, digits: number): readonly Line[] {
  return [...lines].map(([name, points]) => ({
    what: `${title}, ${name}, ${unit}`,
    figures: points.map(([count, value]) => `${count.toLocaleString('en')}: ${value.toFixed(digits)}`).join(', '),
    bound: '',
  }));
}
