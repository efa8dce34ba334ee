import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { historyFaults } from '../support/history-schema.ts';
import { testRoot } from '../support/root.ts';

it('limits without a control group are kept for each process, a share by nobody, and all of it is told', async () => {
  const root = testRoot('slots: 3\nsettle: 100ms\n');
  await root.monitor();
  const hog = 'command :: head -c 300000000 /dev/zero | tail -c 299999999 > /dev/null';
  root.drop('hog', [hog, 'memory-max :: 64M']);
  root.drop('roomy', [hog, 'memory-max :: 2G']);
  root.drop('spin', ['command :: while :; do :; done', 'cpu-max :: 1s']);
  root.drop('share', ['command :: true', 'cpu-max :: 150%']);
  for (const [queue, name] of [
    ['error-q', 'hog'],
    ['done-q', 'roomy'],
    ['fail-q', 'spin'],
    ['done-q', 'share'],
  ] as const)
    await root.arrival(queue, name);
  await eventually(() => root.history().filter(({ kind }) => kind === 'attempt').length === 4, {
    what: 'all are in the history',
  });
  const [hogEntry, spin, share] = ['hog', 'spin', 'share'].map((name) =>
    root.history().find((each) => each['name'] === name),
  );
  expect(hogEntry).toMatchObject({ memory_max_by: 'process' });
  expect(spin).toMatchObject({ reason: 'signal=XCPU', cpu_max_by: 'process' });
  expect(share).toMatchObject({ cpu_max_by: 'nobody' });
  for (const each of root.history()) expect(historyFaults(each)).toEqual([]);
  expect(root.says()).toMatch(/ attention share its cpu-max is kept by nobody: there is no control group/);
  expect(root.says()).toMatch(/ started hog attempt=1 from=wait-q memory-max=process\n/);
  expect((await root.sjq('show', 'hog')).stdout).toContain('limits    memory-max is kept for each of its processes');
  expect(JSON.parse((await root.sjq('show', '--json', 'share')).stdout)).toMatchObject({
    uows: [{ cpu_max_by: 'nobody' }],
  });
});
