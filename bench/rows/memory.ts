// What the monitor takes of the machine's memory: idle, and while many wait.
import { setTimeout as wait } from 'node:timers/promises';
import { crowdedRoot, many, startPaused } from '../crowded.ts';
import { memoryMb } from '../process.ts';
import type { Row } from '../row.ts';

const bounds = { idleMb: 90, moreMb: 60 };

export const memory: Row = {
  name: 'memory',
  about: 'memory of the monitor, idle and with 100,000 waiting; with --scale 10, 1,000,000',
  async run({ place, scale }) {
    const waiting = Math.round(many * scale);
    const idleMb = await memoryWith(place.folder(), 0);
    const fullMb = await memoryWith(place.folder(), waiting);
    const what = `memory of the monitor with ${waiting.toLocaleString('en')} waiting`;
    const figures = `${fullMb.toFixed(1)} MB: ${(fullMb - idleMb).toFixed(1)} MB more`;
    return [
      {
        what: 'memory of the monitor, idle',
        figures: `${idleMb.toFixed(1)} MB`,
        bound: `at most ${bounds.idleMb} MB`,
        isReached: idleMb <= bounds.idleMb,
      },
      scale > 1
        ? { what, figures, bound: 'works', isReached: true }
        : { what, figures, bound: `at most ${bounds.moreMb} MB more`, isReached: fullMb - idleMb <= bounds.moreMb },
    ];
  },
};

/** Gives what a monitor holds that knows so many, in MB, after some seconds of rest. */
export async function memoryWith(folder: string, waiting: number): Promise<number> {
  const crowd = { waiting, done: 0 };
  const root = crowdedRoot(folder, crowd);
  await startPaused(root, crowd);
  await wait(2000);
  const mb = memoryMb(root.pid());
  await root.remove();
  return mb;
}
