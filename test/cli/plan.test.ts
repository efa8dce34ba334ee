import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { everything } from '../support/everything.ts';
import { run, testRoot, uowText } from '../support/root.ts';

it('plan tells what the next wake would do, changes nothing on disk, and a monitor then does it', async () => {
  const root = testRoot('slots: 2\n');
  for (const name of ['first', 'second', 'third']) await root.sjq('submit', '-n', name, 'true');
  root.drop('dropped', ['command :: true']);
  root.drop('typo', 'comand :: make\n');
  mkdirSync(root.path('schedules'));
  const schedule = root.path('schedules', 'hourly');
  writeFileSync(schedule, uowText('command :: true', 'schedule :: 0 * * * *'));
  utimesSync(schedule, 0, 0);
  const before = everything(root.dir);
  const planned = await root.sjq('plan');
  expect(planned).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'take in  dropped  wait-q',
      'trash    typo     there is no ==== UNIT OF WORK title: write it above the header, on a line of its own',
      'note     hourly   the schedule is new: its times count from now on',
      'start    first    from wait-q',
      'start    second   from wait-q',
      'no monitor runs',
      '',
    ].join('\n'),
  });
  appendFileSync(root.path('monitor_reads'), 'PAUSE\n');
  const paused = JSON.parse((await root.sjq('plan', '--json')).stdout);
  expect(paused).toMatchObject({ schema: 'sjq.plan/1', monitor: false });
  const kinds = (paused as { actions: readonly { kind: string }[] }).actions.map(({ kind }) => kind);
  expect(kinds).toEqual(['control', 'say', 'take-in', 'trash', 'keep-fired']);
  const { stdout } = await run(['plan', '--root', root.dir], { env: { ...process.env, FORCE_COLOR: '1' } });
  expect(stdout).toContain('\x1b[1mswitch ');
  writeFileSync(root.path('monitor_reads'), '');
  const isLook = ({ name }: { readonly name: string }): boolean => name !== 'monitor_reads' && name !== '';
  expect((everything(root.dir) as { name: string }[]).filter(isLook)).toEqual(
    (before as { name: string }[]).filter(isLook),
  );
  await root.sjq('once', '-q');
  expect(root.list('trash')).toEqual(['typo']);
  const begun = root.history().filter(({ kind }) => kind === 'attempt');
  expect(
    begun
      .map(({ name }) => name)
      .slice(0, 2)
      .sort(),
  ).toEqual(['first', 'second']);
});

it('plan beside a monitor that has done all it can says that there is nothing to do', async () => {
  const root = testRoot();
  await root.monitor();
  await root.sjq('submit', '-n', 'long', 'sleep 60');
  await root.sjq('submit', '-n', 'next', 'true');
  await eventually(async () => (await root.sjq('plan')).stdout === 'nothing to do\n', {
    withinMs: 20_000,
    what: 'nothing is to do',
  });
  expect(root.list('currently-executing')).toEqual(['long']);
});
