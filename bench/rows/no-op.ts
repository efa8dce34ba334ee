// 1,000 no-op UOWs, each queue fed by its own submit from the same kind of shell loop. Nobody syncs anything.
import { compared, linesOf } from '../against.ts';
import * as bullmq from '../peers/bullmq.ts';
import * as nq from '../peers/nq.ts';
import * as parallel from '../peers/parallel.ts';
import { submitProgram } from '../ours.ts';
import { whyNot } from '../peers/peers.ts';
import * as taskSpooler from '../peers/task-spooler.ts';
import { byMv, bySubmit, oursFed } from '../queues.ts';
import type { Row } from '../row.ts';

export const noOp: Row = {
  name: 'no-op',
  about: 'no-op UOWs, each queue fed by its own submit from a shell loop',
  async run(bench) {
    const count = Math.round(1000 * bench.scale);
    const peers = [
      { name: 'task-spooler', does: taskSpooler.fed, whyNot: whyNot('tsp') },
      { name: 'nq', does: nq.fed, whyNot: whyNot('nq') },
      { name: 'parallel', does: parallel.fed, whyNot: whyNot('parallel') },
      { name: 'BullMQ', does: bullmq.fed, whyNot: whyNot('redis-server') },
    ];
    const manner = { output: 'append', durability: 'process' } as const;
    const path = submitProgram();
    const ours = [
      { name: 'sjq', does: oursFed(manner, byMv) },
      ...(path === undefined ? [] : [{ name: 'sjq by sjq-submit', does: oursFed(manner, bySubmit(path)) }]),
    ];
    const series = await compared(bench, [...ours, ...peers], 'direct', count);
    const bound = { than: peers.map(({ name }) => name), times: 1.1, called: 'the best peer' };
    return linesOf(
      `${count} no-ops, fed`,
      series,
      ours.map(({ name }) => ({ ours: name, ...bound })),
    );
  },
};
