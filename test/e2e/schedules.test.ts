import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TestRoot, testRoot, uowText } from '../support/root.ts';

/** Puts a file into schedules/ as a person's mv does. */
function schedule(root: TestRoot, name: string, ...header: readonly string[]): void {
  mkdirSync(root.path('schedules'), { recursive: true });
  const beside = root.path(`.${name}`);
  writeFileSync(beside, uowText(...header));
  utimesSync(beside, 1, 1);
  renameSync(beside, root.path('schedules', name));
}

/** Gives the names of what was fired; one that is on its way between two queues is one. */
function fired(root: TestRoot, name: string): ReadonlySet<string> {
  const all = (['wait-q', 'currently-executing', 'done-q'] as const).flatMap((queue) => root.list(queue));
  return new Set(all.filter((each) => each.startsWith(`${name}@`)));
}

/** Gives the instant in the name of a UOW. */
const timeOf = (name: string): number => Date.parse(name.replace(/^.*@(.*T)(\d\d)(\d\d)(\d\d)Z$/, '$1$2:$3:$4Z'));

it('each second of a schedule is fired once, over monitors that are killed', { timeout: 120_000 }, async () => {
  const root = testRoot('slots: 2\n');
  schedule(root, 'tick', 'every :: 1s', 'catch-up :: all', 'command :: echo "$SJQ_SCHEDULED_AT"');
  for (let life = 1; life <= 3; life++) {
    const monitor = await root.monitor();
    const before = fired(root, 'tick').size;
    await eventually(() => fired(root, 'tick').size >= before + 3, { withinMs: 30_000, what: 'three are fired' });
    await monitor.crash();
  }
  await root.monitor();
  rmSync(root.path('schedules/tick'));
  await eventually(() => root.list('wait-q').length + root.list('currently-executing').length === 0, {
    withinMs: 60_000,
    what: 'all have run',
  });
  const times = root.list('done-q').map(timeOf);
  // Without a hole, and a name cannot be there twice.
  expect(times.map((at, index) => at - (times[0] ?? 0) - index * 1000)).toEqual(times.map(() => 0));
  expect(times.length).toBeGreaterThanOrEqual(9);
  for (const name of root.list('done-q')) {
    expect(Date.parse(root.log('done-q', name).trim())).toBe(timeOf(name));
    expect(root.status('done-q', name)).toMatch(/ #1 /);
  }
});

it('edits count at once, a bad schedule is answered by its line, and the template says when it is next', async () => {
  const root = testRoot();
  schedule(root, 'bad', 'schedule :: 0 25 * * *', 'command :: true');
  schedule(root, 'job', 'schedule :: 0 0 1 1 *', 'timezone :: UTC', 'command :: true');
  await root.monitor();
  await eventually(() => /next 20\d\d-01-01T00:00:00Z/.test(readFileSync(root.path('schedules/job'), 'utf8')), {
    what: `its STATUS says when it is next: ${root.says()}`,
  });
  await eventually(() => / refused bad in=schedules line 3: not a cron expression: .*25/.test(root.says()), {
    what: `it is answered: ${root.says()}`,
  });
  schedule(root, 'job', 'every :: 1s', 'command :: echo "$SJQ_SCHEDULED_AT $UTC{YYYY}"', 'repeat :: 2');
  schedule(root, 'bad', 'every :: 1s', 'repeat :: 1', 'command :: true');
  await eventually(() => root.list('done-q').length === 3, { what: `three are done: ${root.says()}` });
  const [, first = ''] = root.list('done-q');
  expect(root.log('done-q', first)).toMatch(/^20\d\d-\S+ 20\d\d\n$/);
  expect(root.history()).toContainEqual(expect.objectContaining({ name: first, schedule: 'job' }));
});

it('FIRE makes one now, DISABLE stops a schedule over a restart, ENABLE lets it go on', async () => {
  const root = testRoot();
  schedule(root, 'job', 'schedule :: 0 0 1 1 *', 'command :: true');
  schedule(root, 'tick', 'every :: 1s', 'command :: true');
  root.message('DISABLE tick');
  const monitor = await root.monitor();
  root.message('FIRE job');
  await eventually(() => fired(root, 'job').size === 1, { what: `it is fired: ${root.says()}` });
  await eventually(() => root.says().includes('tick makes nothing until ENABLE'), { what: 'it is disabled' });
  expect(readFileSync(root.path('schedules/tick'), 'utf8')).toContain('disabled last ');
  await monitor.stop();
  const before = fired(root, 'tick').size;
  await root.monitor();
  root.message('ENABLE tick');
  await eventually(() => fired(root, 'tick').size > before, { what: `it goes on: ${root.says()}` });
  expect(root.says()).not.toMatch(/ missed tick/);
});
