// All dropped at once: a UOW of 10,000 or 100,000 must take no longer than one of 1,000.
import { compared } from '../against.ts';
import { atOnce, oursFed } from '../queues.ts';
import type { Row } from '../row.ts';
import { median, ratios, told } from '../series.ts';

export const sizes: Row = {
  name: 'sizes',
  about: '1,000 and 10,000 dropped at once, with --scale 10 also 100,000: the time a UOW',
  async run(bench) {
    const does = oursFed({ output: 'append', durability: 'process' }, atOnce);
    const counts = [1000, 10_000, 100_000].filter((count) => count <= 10_000 * bench.scale);
    const series = new Map<number, number[]>(counts.map((count) => [count, []]));
    for (let round = 1; round <= bench.rounds; round++) {
      for (const count of counts) {
        const one = await compared({ ...bench, rounds: 1 }, [{ name: String(count), does }], 'direct', count);
        series.get(count)?.push(...(one.get(String(count)) ?? []));
      }
    }
    const first = series.get(1000) ?? [];
    return [...series].map(([count, values]) => {
      const what = `${count.toLocaleString('en')} no-ops dropped at once, ms a UOW`;
      if (count === 1000) return { what, figures: told(values), bound: '' };
      const longer = ratios(values, first);
      const figures = `${told(values)}: ${told(longer)} times as long as of 1,000`;
      return { what, figures, bound: 'at most 1.2 times', isReached: median(longer) <= 1.2 };
    });
  },
};
