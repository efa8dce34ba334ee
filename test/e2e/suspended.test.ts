import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('a monitor suspends itself when different jobs cannot start, says why everywhere, over a restart, and goes on at RESUME', async () => {
  const root = testRoot('settle: 100ms\nsuspend_after: 3\n');
  const first = await root.monitor();
  // The same mistake many times is one person's, not the machine's.
  for (let at = 0; at < 4; at++) root.drop(`typo${at}`, [`command :: no-such-program ${at}`]);
  root.drop('one', ['command :: /no/such/one']);
  for (const name of ['typo3', 'one']) await root.arrival('fail-q', name);
  root.drop('fine', ['command :: true']);
  await root.arrival('done-q', 'fine');
  for (const name of ['a', 'b', 'c']) root.drop(name, [`command :: /no/such/${name}`]);
  await eventually(() => root.says().includes(' kind=monitor-suspended '), { what: `it suspends: ${root.says()}` });
  root.drop('later', ['command :: true']);
  const why = '3 different jobs in a row could not start (a, b, c)';
  expect(root.says()).toContain(` alarm - kind=monitor-suspended ${why}: nothing more is started until RESUME\n`);
  await eventually(() => readFileSync(root.path('status/status.json'), 'utf8').includes(`"suspended": "${why}"`), {
    what: 'it is posted',
  });
  await first.crash();
  await root.monitor();
  await eventually(() => root.where('later').includes('wait-q') && root.says().split(' taken-in later').length > 1, {
    what: 'it is taken in',
  });
  expect((await root.sjq('status')).stdout).toMatch(new RegExp(`^paused by itself: ${why.replace(/[()]/g, '\\$&')} `));
  expect((await root.sjq('why', 'later')).stdout).toContain(`the monitor suspended itself: ${why} (RESUME`);
  root.message('RESUME');
  await root.arrival('done-q', 'later');
  expect((await root.sjq('status')).stdout).toMatch(/^serving {3}/);
  expect(root.says().split(' alarm - kind=monitor-suspended ')).toHaveLength(2);
  expect(root.says()).not.toMatch(/ alarm - .*typo/);
});
