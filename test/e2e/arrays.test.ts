import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot, uowText } from '../support/root.ts';

it('an array whose monitor is killed while it makes its UOWs runs each of them once, so many at a time, and says why the rest waits', async () => {
  const count = 120;
  const root = testRoot('slots: 8\n');
  const killed = await root.monitor();
  // The first three run until they may end.
  const command =
    'command :: echo "$SJQ_ARRAY_INDEX" >> seen; until [ "$SJQ_ARRAY_INDEX" -gt 3 ] || [ -e go ]; do sleep 0.1; done';
  root.drop('sweep', uowText(`directory :: ${root.dir}`, command, `array :: 1-${count}%3`));
  await eventually(() => existsSync(root.path('flows/sweep')), { what: 'it is being taken in' });
  await killed.crash();
  await root.monitor();
  await eventually(() => root.list('currently-executing').length === 3, { withinMs: 20_000, what: 'three run' });
  const { stdout } = await root.sjq('why', `sweep.${count}`);
  expect(stdout).toContain('waits in wait-q: 3 of the array sweep run, at most 3 at once');
  expect(stdout).toMatch(/ {2}array {8}shut {2}3 of the array sweep run/);
  writeFileSync(root.path('go'), '');
  await eventually(() => root.list('done-q').length === count, { withinMs: 60_000, what: 'all are done' });
  const seen = readFileSync(root.path('seen'), 'utf8').trim().split('\n').map(Number);
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
});
