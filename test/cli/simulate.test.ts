import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { everything } from '../support/everything.ts';
import { testRoot, uowText } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

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

it('simulate plays the flows of a schedule, and one that was dropped, each UOW behind those that it waits for', async () => {
  const root = testRoot('slots: 4\n');
  mkdirSync(root.path('schedules'), { recursive: true });
  const section = (name: string, ...header: readonly string[]): string =>
    `==== UNIT OF WORK ${name}\n\n${header.join('\n')}\ncommand :: true\n\n`;
  const etl = section('b', 'after :: a') + section('c', 'after :: a b') + section('rescue', 'after-not-ok :: a');
  writeFileSync(root.path('schedules/etl'), section('a', 'schedule :: */5 * * * *', 'timezone :: UTC') + etl);
  // It takes longer than there is between two of its times, and no iteration of it goes on beside another.
  writeFileSync(root.path('schedules/slow'), section('x', 'schedule :: * * * * *') + section('y', 'after :: x'));
  // It uses another flow, of which one is not needed.
  writeFileSync(root.path('schedules/lib'), section('in', 'enabled :: no') + section('tell', 'after-not-ok :: in'));
  writeFileSync(root.path('wait-q/load'), `==== UNIT OF WORK lib\n\nuse :: lib\n\n${section('out', 'after :: lib')}`);
  const took = (name: string, ms: number): string =>
    `${JSON.stringify({ kind: 'attempt', outcome: 'done', name: `etl@2026-11-22T070000Z.${name}`, schedule: 'etl', duration_ms: ms })}\n`;
  writeFileSync(root.path('history.jsonl'), took('a', 10_000) + took('b', 20_000));
  // An iteration that goes on keeps the next ones away until it is over.
  writeFileSync(root.path('schedules/nightly'), section('z', 'schedule :: * * * * *'));
  const going = 'nightly@2020-01-01T000000Z';
  const status = 'running 0 of 1 done 2020-01-01T00:00:00Z';
  mkdirSync(root.path('flows'), { recursive: true });
  writeFileSync(
    root.path('flows', going),
    `timestamp: 1577836800-1 enqueued\n\n${section('z')}==== STATUS\n\n${status}\n`,
  );
  const member = storedUow('waiting #0 2020-01-01T00:00:00Z', '', 'command :: true', `flow :: ${going}`);
  writeFileSync(root.path('wait-q', `${going}.z`), member);
  const before = everything(root.dir);
  const { code, stdout } = await root.sjq('simulate', '--to', '+6m', '--default-duration', '50s', '--json');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n').slice(1);
  const events = lines.map((line) => JSON.parse(line) as Line);
  const run = (name: RegExp): readonly Line[] => events.filter((each) => each.event === 'run' && name.test(each.name));
  const [a, b, c] = [run(/^etl@.*\.a$/), run(/^etl@.*\.b$/), run(/^etl@.*\.c$/)];
  expect([a[0]?.duration_from, b[0]?.duration_from, c[0]?.duration_from]).toEqual(['history', 'history', 'default']);
  expect(b[0]).toMatchObject({ start: a[0]?.end, why: `waits for ${a[0]?.name}` });
  expect(c[0]).toMatchObject({ start: b[0]?.end, why: `waits for ${b[0]?.name}` });
  expect(Date.parse(b[0]?.end ?? '') - Date.parse(a[0]?.start ?? '')).toBe(30_000);
  expect(run(/rescue/)).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'waits', name: expect.stringMatching(/rescue$/) as string }),
  );
  expect(run(/^load\.lib\.in$/)[0]?.end).toBe(run(/^load\.out$/)[0]?.start ?? 'never');
  // 100 s each: every second time is left out.
  const [slow, left] = [
    run(/^slow@.*\.y$/),
    events.filter(({ event, name }) => event === 'unfired' && name === 'slow'),
  ];
  expect([slow.length, left.length]).toEqual([3, 3]);
  const nightly = run(/^nightly@/);
  expect(nightly[0]?.name).toBe(`${going}.z`);
  expect(nightly.length).toBeGreaterThan(3);
  expect(everything(root.dir)).toEqual(before);
});

it('simulate plays an array, at most as many at once as it says, and those that wait for all of it behind it', async () => {
  const root = testRoot('slots: 4\n');
  mkdirSync(root.path('flows'), { recursive: true });
  const head = 'timestamp: 1577836800-1 enqueued\n\n==== UNIT OF WORK\n\ncommand :: true\narray :: 1-2\n\n';
  writeFileSync(root.path('flows/old'), `${head}==== STATUS\n\nrunning 0 of 2 done 2020-01-01T00:00:00Z\n`);
  for (const index of [1, 2]) {
    const fields = ['command :: true', 'array :: 1-2', 'flow :: old', 'array-of :: old', `array-index :: ${index}`];
    writeFileSync(root.path(`wait-q/old.${index}`), storedUow('waiting #0 2020-01-01T00:00:00Z', '', ...fields));
  }
  const sum = storedUow('waiting #0 2020-01-01T00:00:00Z', '', 'command :: true', 'after :: old');
  writeFileSync(root.path('wait-q/sum'), sum);
  writeFileSync(root.path('wait-q/sweep'), '==== UNIT OF WORK\n\ncommand :: true\narray :: 1-5%1\n');
  const { stdout } = await root.sjq('simulate', '--to', '+20m', '--json');
  const runs = stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ event }) => event === 'run');
  const of = (name: RegExp): readonly Line[] => runs.filter((each) => name.test(each.name));
  const sweep = of(/^sweep/);
  expect(sweep.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5].map((index) => `sweep.${index}`));
  for (const [at, each] of sweep.slice(1).entries()) expect(each.start).toBe(sweep[at]?.end);
  expect(of(/^sum/)[0]?.start).toBe(of(/^old\.2/)[0]?.end);
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
