// 900 UOWs, all in the queue before the first may start: what is left is the launching. 900, because task-spooler holds no more.
import { compared, type Doer, linesOf } from '../against.ts';
import type { Job } from '../jobs.ts';
import { whyNot } from '../peers/peers.ts';
import * as taskSpooler from '../peers/task-spooler.ts';
import { oursFilled } from '../queues.ts';
import type { Row } from '../row.ts';

const kinds: readonly { readonly job: Job; readonly what: string; readonly times: number }[] = [
  { job: 'direct', what: 'direct exec', times: 0.75 },
  { job: 'shell', what: 'a command that needs the shell', times: 0.9 },
];

export const filled: Row = {
  name: 'filled',
  about: 'the queue filled first; a program by itself, and a command that needs the shell',
  async run(bench) {
    const count = taskSpooler.waitingAtMost;
    const doers: readonly Doer[] = [
      { name: 'sjq', does: oursFilled({ output: 'append', durability: 'process' }) },
      { name: 'task-spooler', does: taskSpooler.filled, whyNot: whyNot('tsp') },
    ];
    const lines = [];
    for (const { job, what, times } of kinds) {
      const series = await compared(bench, doers, job, count);
      const bound = { than: ['task-spooler'], times, called: 'task-spooler' };
      lines.push(...linesOf(`${count} waiting, ${what}`, series, [bound]));
    }
    return lines;
  },
};
