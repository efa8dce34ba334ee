// What surviving a power cut costs: the row with tee, synced and not, in turn; beside it what a sync takes on this disk, and how many
// of them a wake makes.
import { join } from 'node:path';
import { compared } from '../against.ts';
import { ourRoot } from '../ours.ts';
import { whyNot } from '../peers/peers.ts';
import { oursFed } from '../queues.ts';
import type { Bench, Line, Row } from '../row.ts';
import { median, ratios, told } from '../series.ts';
import { syncsOfWakes, syncTimes } from '../syncs.ts';

const syncsAtMost = 6;

export const power: Row = {
  name: 'power',
  about: 'the same with durability: power, the default; what a sync takes here, and how many a wake makes',
  async run(bench) {
    const count = Math.round(1000 * bench.scale);
    const doers = [
      { name: 'power', does: oursFed({ output: 'tee', durability: 'power' }) },
      { name: 'process', does: oursFed({ output: 'tee', durability: 'process' }) },
    ];
    const series = await compared(bench, doers, 'direct', count);
    const [synced = [], unsynced = []] = [series.get('power'), series.get('process')];
    const { file, directory } = syncTimes(bench.place.folder());
    const times = `a sync takes ${median(file).toFixed(2)} ms of a file, ${median(directory).toFixed(2)} ms of a directory`;
    const measured = {
      what: `${count} no-ops with tee, fed, ms a UOW`,
      figures: `power ${told(synced)}, process ${told(unsynced)}: ${told(ratios(synced, unsynced))} times; ${times}`,
      bound: '',
    };
    return [measured, await wakes(bench)];
  },
};

async function wakes({ place }: Bench): Promise<Line> {
  const what = 'directory syncs of a wake, 300 dropped at once, 8 slots';
  const bound = `at most ${syncsAtMost}`;
  const why = whyNot('strace');
  if (why !== undefined) return { what, figures: why, bound };
  const count = 300;
  const root = ourRoot(place.folder(), ['slots: 8']);
  root.prepare(count, ['command :: /bin/true']);
  await root.start();
  const counts = await syncsOfWakes(root, join(root.dir, '../trace'), async () => {
    root.dropAll();
    await root.done(count);
  });
  await root.check(count);
  await root.remove();
  const most = Math.max(...counts);
  const figures = `${most} at most, ${median(counts)} as a rule, in ${counts.length} wakes that synced`;
  return { what, figures, bound, isReached: most <= syncsAtMost };
}
