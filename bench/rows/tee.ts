// 1,000 no-op UOWs whose output goes through tee, the default: against nq, and against the reference that starts the same tree.
import { compared, linesOf } from '../against.ts';
import * as nq from '../peers/nq.ts';
import { whyNot } from '../peers/peers.ts';
import { reference } from '../peers/reference.ts';
import { oursFed } from '../queues.ts';
import type { Row } from '../row.ts';

export const tee: Row = {
  name: 'tee',
  about: 'the same with tee, the default, against nq and the reference',
  async run(bench) {
    const count = Math.round(1000 * bench.scale);
    const limit = await reference(bench.place.folder(), whyNot('gcc') === undefined);
    const doers = [
      { name: 'sjq', does: oursFed({ output: 'tee', durability: 'process' }) },
      { name: 'nq', does: nq.fed, whyNot: whyNot('nq') },
      { name: limit.name, does: limit.does('tee') },
    ];
    const series = await compared(bench, doers, 'direct', count);
    return linesOf(`${count} no-ops with tee, fed`, series, [
      { than: ['nq'], times: 1.2, called: 'nq' },
      { than: [limit.name], times: 0.6, called: limit.name },
    ]);
  },
};
