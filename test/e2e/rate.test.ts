import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot } from '../support/root.ts';

it('of a job so many start per time, also when its monitor was killed and another one goes on', async () => {
  const root = testRoot('slots: 4\ngroups: {api: {rate: 1/h}}\n');
  const first = await root.monitor();
  const lines = ['command :: true', 'rate :: 2/h'];
  root.drop('ping', lines);
  await root.arrival('done-q', 'ping');
  root.drop('ping', lines);
  await root.arrival('done-q', 'ping~2');
  root.drop('ping', lines);
  root.drop('call', ['command :: sleep 60', 'group :: api']);
  await eventually(() => root.where('call').includes('currently-executing'), { what: 'the first of its group runs' });
  root.drop('call', ['command :: true', 'group :: api']);
  const why = async (name: string): Promise<string> => (await root.sjq('why', name)).stdout;
  const isShut = async (): Promise<void> => {
    expect(await why('ping~3')).toMatch(/waits in wait-q: the job ping starts 2\/h at most: the next at \d\d:\d\d\n/);
    expect(await why('ping~3')).toMatch(/may start +(\S+ )?\d\d:\d\d, in (1h00m|59m\d\ds)/);
    expect(await why('call~2')).toContain('the group api starts 1/h at most');
  };
  await eventually(() => root.where('call~2').includes('wait-q') && root.where('ping~3').includes('wait-q'), {
    what: 'they are taken in',
  });
  await isShut();
  await first.crash();
  await root.monitor();
  root.drop('free', ['command :: true']);
  await root.arrival('done-q', 'free');
  await isShut();
  expect(root.where('ping~3')).toContain('wait-q');
  expect(root.says()).not.toMatch(/ started (ping~3|call~2) /);
});
