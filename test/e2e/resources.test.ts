import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('what runs takes its resources over a crash of the monitor, others pass, and at its end who waits gets them', async () => {
  const root = testRoot('slots: 3\nresources: {database: 1}\ndefault_needs: database 1\n');
  const first = await root.monitor();
  root.drop('one', ['command :: until [ -e go ]; do sleep 0.05; done']);
  await eventually(() => root.where('one').includes('currently-executing'), { what: 'it runs' });
  await first.crash();
  root.drop('two', ['command :: true']);
  root.drop('other', ['command :: true', 'needs :: none']);
  await root.monitor();
  await root.arrival('done-q', 'other');
  expect((await root.sjq('show', 'two')).stdout).toContain('needs database 1, 0 of 1 is free');
  root.message('STATUS');
  await eventually(() => root.says().includes('taken of resources: database 1 of 1'), { what: 'it is told' });
  writeFileSync(root.path('go'), '');
  await root.arrival('done-q', 'two');
  const [one, two] = ['one', 'two'].map((name) => root.history().find((entry) => entry['name'] === name));
  expect(Date.parse(String(two?.['claimed_at']))).toBeGreaterThanOrEqual(Date.parse(String(one?.['ended_at'])));
});
