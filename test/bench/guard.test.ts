// The guard against a regression of speed: the bench's own no-op UOWs against the reference that starts the same process tree, in
// turn in one run. Only a ratio is judged, with much slack: the machine may be busy with anything.
import { expect, test } from 'vitest';
import { reference } from '../../bench/peers/reference.ts';
import { atOnce, oursFed } from '../../bench/queues.ts';
import { endAll } from '../../bench/run.ts';
import { inTurn } from '../../bench/turns.ts';
import { afterwards } from '../support/afterwards.ts';
import { scratchFolder } from '../support/scratch.ts';

const count = 100;
/** It was 8 on a busy machine when this was written. Nothing but a gross regression is to be caught. */
const timesAsLongAtMost = 30;

test('a no-op UOW takes no more than so many times what its process tree alone takes', async () => {
  afterwards(endAll);
  const limit = await reference(scratchFolder(), false);
  const contenders = [
    { name: 'sjq', does: oursFed({ output: 'tee', durability: 'process' }, atOnce) },
    { name: 'reference', does: limit.does('tee') },
  ].map(({ name, does }) => ({ name, measure: () => does(scratchFolder(), 'direct', count) }));
  const series = await inTurn(contenders, 2, () => undefined);
  // The best of each: what the machine was busy with in one round is nobody's regression.
  const [ours = NaN, least = NaN] = [...series.values()].map((values) => Math.min(...values));
  console.log(`${(ours / count).toFixed(2)} ms a UOW, the reference ${(least / count).toFixed(2)} ms`);
  expect(ours / least).toBeLessThan(timesAsLongAtMost);
}, 120_000);
