// The start of a monitor on a root in which very many wait: until the first of them is launched.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crowdedRoot, many } from '../crowded.ts';
import type { Row } from '../row.ts';
import { until } from '../run.ts';
import { median, told } from '../series.ts';

export const start: Row = {
  name: 'start',
  about: 'start of a monitor on a root with 100,000 waiting, to the first launch',
  async run({ place, scale, rounds }) {
    const waiting = Math.round(many * scale);
    const root = crowdedRoot(place.folder(), { waiting, done: 0 });
    const seconds: number[] = [];
    const history = join(root.dir, 'history.jsonl');
    let before = '';
    for (let round = 0; round < rounds; round++) {
      const startedAt = Date.now();
      await root.start();
      let first: string | undefined;
      await until(() => {
        first = /"kind":"attempt".*"started_at":"([^"]+)"/.exec(
          readFileSync(history, 'latin1').slice(before.length),
        )?.[1];
        return first !== undefined;
      }, 'the first has ended');
      seconds.push((Date.parse(first ?? '') - startedAt) / 1000);
      await root.stop();
      before = readFileSync(history, 'latin1');
    }
    await root.remove();
    return [
      {
        what: `start with ${waiting.toLocaleString('en')} waiting, to the first launch`,
        figures: `${told(seconds)} s`,
        bound: 'at most 3 s',
        isReached: median(seconds) <= 3,
      },
    ];
  },
};
