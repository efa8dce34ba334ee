// `sjq status` with very many waiting and done, beside a monitor: the whole command, and when the first byte of its JSON comes.
import { crowdedRoot, many, startPaused } from '../crowded.ts';
import { program } from '../ours.ts';
import type { Row } from '../row.ts';
import { end, run, started } from '../run.ts';
import { median, told } from '../series.ts';

export const status: Row = {
  name: 'status',
  about: 'sjq status with 100,000 waiting and 100,000 done',
  async run({ place, scale, rounds }) {
    const crowd = { waiting: Math.round(many * scale), done: Math.round(many * scale) };
    const root = crowdedRoot(place.folder(), crowd);
    await startPaused(root, crowd);
    const [plain, json, first]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < 2 * rounds; round++) {
      const args = [program, 'status', '--root', root.dir];
      const plainFrom = performance.now();
      const said = await run(process.execPath, args);
      plain.push(performance.now() - plainFrom);
      if (!said.includes(String(crowd.waiting)))
        throw new Error(`sjq status does not tell of ${crowd.waiting}: ${said}`);
      const from = performance.now();
      const child = started(process.execPath, [...args, '--json']);
      child.stdout?.once('data', () => first.push(performance.now() - from));
      await new Promise((resolve) => child.once('close', resolve));
      json.push(performance.now() - from);
      await end(child);
    }
    await root.remove();
    const what = `sjq status, ${crowd.waiting.toLocaleString('en')} waiting and as many done`;
    return [
      { what, figures: `${told(plain, 0)} ms`, bound: 'at most 300 ms', isReached: median(plain) <= 300 },
      {
        what: `${what}, --json`,
        figures: `${told(json, 0)} ms, its first byte after ${told(first, 0)} ms`,
        bound: '',
      },
    ];
  },
};
