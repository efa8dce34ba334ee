// Idle, with very many waiting behind a paused queue: nothing is written, and next to nothing is done.
import { setTimeout as wait } from 'node:timers/promises';
import { crowdedRoot, many, startPaused } from '../crowded.ts';
import { cpuMs, writtenBytes } from '../process.ts';
import type { Row } from '../row.ts';

/** Four polls. */
const restMs = 60_000;

export const idle: Row = {
  name: 'idle',
  about: 'writes and CPU of a minute with 100,000 waiting behind a paused queue',
  async run({ place, scale }) {
    const crowd = { waiting: Math.round(many * scale), done: 0 };
    const root = crowdedRoot(place.folder(), crowd);
    await startPaused(root, crowd);
    const [cpuBefore, writtenBefore] = [cpuMs(root.pid()), writtenBytes(root.pid())];
    await wait(restMs);
    const share = ((cpuMs(root.pid()) - cpuBefore) / restMs) * 100;
    const written = writtenBytes(root.pid()) - writtenBefore;
    await root.remove();
    const what = `a minute with ${crowd.waiting.toLocaleString('en')} waiting behind a paused queue`;
    return [
      { what: `${what}: written`, figures: `${written} bytes`, bound: 'nothing', isReached: written === 0 },
      {
        what: `${what}: CPU of the monitor`,
        figures: `${share.toFixed(3)} % of a core`,
        bound: 'under 0.2 %',
        isReached: share < 0.2,
      },
    ];
  },
};
