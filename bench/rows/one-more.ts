// One more drop while very many wait and have ended: what it costs the monitor, and what the looks cost that nobody asked for.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { crowdedRoot, many, startPaused } from '../crowded.ts';
import { cpuMs } from '../process.ts';
import type { Row } from '../row.ts';
import { median, told } from '../series.ts';

const drops = 20;
const gapMs = 500;
/** Two polls and a bit. */
const restMs = 32_000;

export const oneMore: Row = {
  name: 'one-more',
  about: 'CPU of one more drop with 100,000 waiting and 100,000 in done-q; with --scale 10, 1,000,000 in done-q',
  async run({ place, scale }) {
    const crowd = { waiting: many, done: Math.round(many * scale) };
    const root = crowdedRoot(place.folder(), crowd);
    await startPaused(root, crowd);
    const costs: number[] = [];
    for (let drop = 0; drop < drops; drop++) {
      root.prepare(1, ['command :: /bin/true'], drop);
      const before = cpuMs(root.pid());
      root.dropAll();
      await wait(gapMs);
      costs.push(cpuMs(root.pid()) - before);
      if (!existsSync(join(root.dir, 'wait-q', `u${drop}`))) throw new Error(`u${drop} is not in wait-q`);
    }
    const before = cpuMs(root.pid());
    await wait(restMs);
    const share = ((cpuMs(root.pid()) - before) / restMs) * 100;
    await root.takenIn();
    await root.remove();
    const beside = `${crowd.waiting.toLocaleString('en')} waiting, ${crowd.done.toLocaleString('en')} in done-q`;
    return [
      {
        what: `one more drop, ${beside}: CPU of the monitor`,
        figures: `${told(costs)} ms`,
        bound: 'at most 5 ms',
        isReached: median(costs) <= 5,
      },
      {
        what: `looks at the directories at rest, ${beside}`,
        figures: `${share.toFixed(2)} % of a core`,
        bound: 'at most 1 %',
        isReached: share <= 1,
      },
    ];
  },
};
