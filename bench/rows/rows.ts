// The rows of the table, in its order.
import type { Row } from '../row.ts';
import { filled } from './filled.ts';
import { noOp } from './no-op.ts';
import { power } from './power.ts';
import { tee } from './tee.ts';

export const rows: readonly Row[] = [noOp, filled, tee, power];
