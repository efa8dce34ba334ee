// The rows of the table, in its order.
import type { Row } from '../row.ts';
import { filled } from './filled.ts';
import { growth } from './growth.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { nodeCpu } from './node-cpu.ts';
import { noOp } from './no-op.ts';
import { oneMore } from './one-more.ts';
import { output } from './output.ts';
import { power } from './power.ts';
import { sizes } from './sizes.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { submit } from './submit.ts';
import { tee } from './tee.ts';

export const rows: readonly Row[] = [
  ...[noOp, filled, tee, power, sizes, latency, submit],
  ...[memory, oneMore, idle, start, status, output, nodeCpu, growth],
];
