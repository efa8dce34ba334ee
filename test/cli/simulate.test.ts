import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { everything } from '../support/everything.ts';
import { testRoot, uowText } from '../support/root.ts';

interface Line {
  readonly event?: string;
  readonly name: string;
  readonly start: string;
  readonly end: string;
  readonly why?: string;
  readonly duration_from?: string;
}

it('simulate plays what waits, flows, resources and schedules with durations of the history, and changes nothing on disk', async () => {
  const root = testRoot('slots: 2\nresources:\n  db: 1\n');
  const took = (name: string, more: object): string =>
    `${JSON.stringify({ kind: 'attempt', outcome: 'done', name, ...more })}\n`;
  writeFileSync(
    root.path('history.jsonl'),
    took('dump', { duration_ms: 600_000 }) + took('half@x', { schedule: 'half', duration_ms: 500 }),
  );
  await root.sjq('submit', '-n', 'dump', '--field', 'needs=db', 'true');
  await root.sjq('submit', '-n', 'load', '--field', 'after=dump', '--field', 'ttl=1d', 'true');
  await root.sjq('submit', '-n', 'copy', '--field', 'needs=db', 'true');
  await root.sjq('submit', '-n', 'late', '--field', 'not-before=2099-01-01', 'true');
  root.drop('dropped', ['command :: true']);
  mkdirSync(root.path('schedules'));
  writeFileSync(root.path('schedules/half'), uowText('command :: true', 'schedule :: */30 * * * *', 'timezone :: UTC'));
  const before = everything(root.dir);
  const json = await root.sjq('simulate', '--from', '+2h', '--to', '+1h', '--json');
  expect(json).toMatchObject({ code: 0, stderr: '' });
  const [head, ...rest] = json.stdout.trimEnd().split('\n');
  expect(JSON.parse(head ?? '')).toMatchObject({ schema: 'sjq.simulate/1' });
  const lines = rest.map((line) => JSON.parse(line) as Line);
  // All that waits now is over by then: two times of the schedule, and who waits still.
  expect(lines.map(({ event, name }) => [event, name.replace(/@.*/, '')])).toEqual([
    ['run', 'half'],
    ['run', 'half'],
    ['waits', 'late'],
  ]);
  expect(lines[0]).toMatchObject({ end: lines[0]?.start, duration_from: 'history' });
  const { stdout } = await root.sjq('simulate', '--to', '+20m', '--default-duration', '2m', '--json');
  const runs = stdout.split('\n').flatMap((line) => (line.includes('"run"') ? (JSON.parse(line) as Line) : []));
  const of = (name: string): Line | undefined => runs.find((each) => each.name === name);
  const tookMs = (name: string): number => Date.parse(of(name)?.end ?? '') - Date.parse(of(name)?.start ?? '');
  expect([tookMs('dump'), tookMs('copy'), tookMs('dropped')]).toEqual([600_000, 120_000, 120_000]);
  expect(of('dump')?.why).toBeUndefined();
  // One slot is left beside the dump, and it has the resource.
  expect(of('copy')).toMatchObject({ start: of('dump')?.end, why: 'needs db 1, 0 of 1 is free' });
  expect(Date.parse(of('load')?.start ?? '')).toBeGreaterThanOrEqual(Date.parse(of('dump')?.end ?? ''));
  expect(of('load')?.why).toBe('waits for dump');
  const text = await root.sjq('simulate', '--to', '+20m');
  expect(text.stdout).toMatch(/^START +END +NAME +WAITED +WHY\n/);
  expect(text.stdout).toMatch(
    /\n- +- +late +waits still: not before 2099-01-01 00:00\n\n\d would run, \d of them with the default duration\n$/,
  );
  expect(everything(root.dir)).toEqual(before);
});

it('simulate says of each time of a scheduled flow that it is not played', async () => {
  const root = testRoot();
  mkdirSync(root.path('schedules'), { recursive: true });
  writeFileSync(
    root.path('schedules/etl'),
    '==== UNIT OF WORK a\n\nschedule :: 0 * * * *\ncommand :: true\n\n==== UNIT OF WORK b\n\nafter :: a\ncommand :: true\n',
  );
  const { code, stdout } = await root.sjq('simulate', '--to', '+3h');
  expect(code).toBe(0);
  expect(stdout.match(/ etl +not fired: it is a flow, which is not played\n/g)).toHaveLength(3);
});

it('simulate of a time, or a duration, that is none ends with 64 and what to write', async () => {
  const root = testRoot();
  for (const args of [
    ['--from', 'soon'],
    ['--to', 'x'],
    ['--default-duration', 'long'],
    ['--to', '2001-01-01'],
  ]) {
    const { code, stdout, stderr } = await root.sjq('simulate', ...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(args[0]);
  }
});
