import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot, uowText } from '../support/root.ts';

it('a flow that others join stays open over a kill, and is done when it is closed and they have ended', async () => {
  const root = testRoot('slots: 4\n');
  const killed = await root.monitor();
  root.drop('import', '==== UNIT OF WORK own\n\npersistent :: yes\ncommand :: true\n');
  await eventually(() => root.list('done-q').includes('import.own'), { what: 'its own UOW is done' });
  const waits = `until [ -e ${root.path('go')} ]; do sleep 0.1; done`;
  root.drop('joined', uowText(`command :: ${waits}`, 'flow :: import', 'after :: own'));
  root.drop('report', uowText('command :: true', 'after :: import'));
  await eventually(() => root.list('currently-executing').includes('joined'), { what: 'the one that joined runs' });
  expect((await root.sjq('flow', 'import')).stdout).toMatch(/^import {2}running, 1 of 2 done, open until CLOSE FLOW$/m);
  await killed.crash();
  await root.monitor();
  expect((await root.sjq('say', 'CLOSE FLOW import')).stdout).toContain('no more UOWs join import');
  expect((await root.sjq('flow', 'import')).stdout).toMatch(/^import {2}running, 1 of 2 done$/m);
  expect(root.list('wait-q')).toContain('report');
  await root.sjq('run', '--name', 'go', '--', `touch ${root.path('go')}`);
  await eventually(() => root.list('done-q').includes('report'), { what: 'what waited for the flow is done' });
  expect((await root.sjq('flow', 'import')).stdout).toMatch(/^import {2}done, 1 of 1 done$/m);
});
