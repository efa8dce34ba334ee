// What Node itself spends on a job, all its threads, with nothing synced.
import { cpuMs } from '../process.ts';
import { ourRoot } from '../ours.ts';
import type { Row } from '../row.ts';
import { median, told } from '../series.ts';

export const nodeCpu: Row = {
  name: 'node-cpu',
  about: 'CPU of the monitor’s Node a job',
  async run({ place, scale, rounds, say }) {
    const count = Math.round(1000 * scale);
    const costs: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const root = ourRoot(place.folder(), ['slots: 2', 'output: append', 'durability: process']);
      await root.start();
      let before = 0;
      // The first half lets Node compile what is hot; the second is measured, from its drop to its end.
      for (const half of [0, 1]) {
        root.prepare(count, ['command :: /bin/true'], half * count);
        before = cpuMs(root.pid());
        root.dropAll();
        await root.done((half + 1) * count);
      }
      costs.push((cpuMs(root.pid()) - before) / count);
      await root.check(2 * count);
      await root.remove();
      say(`round ${round} of ${rounds}: ${(costs.at(-1) ?? NaN).toFixed(2)} ms`);
    }
    return [
      {
        what: `CPU of Node a job, ${count} no-ops`,
        figures: `${told(costs)} ms`,
        bound: 'at most 0.5 ms',
        isReached: median(costs) <= 0.5,
      },
    ];
  },
};
