import { rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { run, testRoot } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

it('why without a monitor tells of a UOW that waits each gate, and of any other what is so', async () => {
  const root = testRoot();
  await root.sjq('submit', '-n', 'later', '--field', 'not-before=2099-01-01', 'true');
  root.drop('old', storedUow('error exit=3 #2 2026-11-22T04:31:06Z 12.3s', 'hello\n'), 'error-q');
  root.drop('typo', 'comand :: make\n');
  root.drop('typo~2', 'comand :: make\n', 'trash');
  writeFileSync(
    root.path('monitor_says'),
    '2026-11-22T04:31:06Z trashed typo from=wait-q as=typo~2 there is no ==== UNIT OF WORK title\n',
  );
  const { code, stdout, stderr } = await root.sjq('why', 'later', 'old', 'typo', 'typo~2');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replace(/Z {2}\S+ ago/g, 'Z  AGO')).toBe(
    [
      'later  waits in wait-q: not before 2099-01-01 00:00',
      ...'held paused trouble refused expired flow parents'.split(' ').map((gate) => `  ${gate.padEnd(11)}  open`),
      '  start-times  shut  not before 2099-01-01 00:00   <- decides',
      ...'retry overlap array groups needs rate slots ready procnames when'
        .split(' ')
        .map((gate) => `  ${gate.padEnd(11)}  open`),
      '  place        next in line',
      '  judged       from files: no monitor runs',
      '  may start    when a monitor runs',
      '',
      'old  error: it ended with exit code 3',
      '  ended        2026-11-22T04:31:06Z  AGO',
      '',
      'typo  waits in wait-q: it is not taken in yet: it goes to trash: there is no ==== UNIT OF WORK title: write it above the header, on a line of its own',
      '  judged       from files: no monitor runs',
      '  may start    when a monitor runs',
      '',
      'typo~2  in trash: there is no ==== UNIT OF WORK title',
      '',
    ].join('\n'),
  );
  expect(await root.sjq('why', 'latre')).toEqual({
    ...{ code: 66, stdout: '' },
    stderr: `sjq: there is no UOW latre in ${root.dir}: did you mean later?\n`,
  });
  const painted = await run(['why', '--root', root.dir, 'later'], { env: { ...process.env, FORCE_COLOR: '1' } });
  expect(painted.stdout).toContain('\x1b[31mshut\x1b[39m');
});

it('why under a monitor says what the status says, and when the slot is expected by the history of what has it', async () => {
  const root = testRoot();
  const took = { kind: 'attempt', outcome: 'done', name: 'long', duration_ms: 3_600_000 };
  writeFileSync(root.path('history.jsonl'), `${JSON.stringify(took)}\n`);
  await root.monitor();
  root.drop('long', ['command :: sleep 60']);
  root.drop('next', ['command :: true', 'ttl :: 30m']);
  const one = await eventually(
    async () => {
      const { uows } = JSON.parse((await root.sjq('why', '--json', 'next')).stdout) as {
        uows: readonly { gate?: string; reason: string; may_start_at: string }[];
      };
      return uows[0]?.gate === 'slots' ? uows[0] : undefined;
    },
    { withinMs: 20_000, what: 'next waits for the slot' },
  );
  const { waiting } = JSON.parse((await root.sjq('status', '--json')).stdout);
  expect(one).toMatchObject({ state: 'waiting', queue: 'wait-q', estimated: true, monitor: true });
  expect(waiting).toMatchObject([{ name: 'next', why: one.reason }]);
  const inMs = Date.parse(one.may_start_at) - Date.now();
  expect(inMs).toBeGreaterThan(3_400_000);
  expect(inMs).toBeLessThan(3_600_001);
  const { stdout } = await root.sjq('why', 'next', 'long');
  expect(stdout).toMatch(/ {2}slots {8}shut {2}all 1 slot is taken {3}<- decides\n/);
  expect(stdout).toMatch(
    / {2}may start {4}\S+, in \S+ at the earliest, as what runs usually takes; it expires before that\n/,
  );
  expect(stdout).toMatch(/long {2}runs, attempt 1\n {2}end {10}about \S+ left\n/);
});

it('why and the status have from the monitor what it alone knows, and say so where it does not tell', async () => {
  const root = testRoot('ready: {command: "echo no luck; exit 1"}\nsleep: 1s\n');
  const monitor = await root.monitor();
  await root.sjq('submit', '-n', 'first', 'true');
  const reason = 'the ready command says no: exit 1: no luck';
  const judged = async (): Promise<unknown> => {
    const { uows } = JSON.parse((await root.sjq('why', '--json', 'first')).stdout) as { uows: readonly unknown[] };
    return uows[0];
  };
  await eventually(async () => JSON.stringify(await judged()).includes(reason), { what: 'it was asked' });
  expect(await judged()).toMatchObject({ gate: 'ready', reason, judged: 'monitor' });
  expect(JSON.parse((await root.sjq('status', '--json')).stdout)).toMatchObject({
    waiting: [{ name: 'first', why: reason }],
    machine: { ready: { ok: false, text: 'exit 1: no luck' } },
  });
  expect((await root.sjq('status')).stdout).toContain(reason);
  expect((await root.sjq('show', 'first')).stdout).toContain(reason);
  rmSync(root.path('status/status.json'));
  expect(await judged()).toMatchObject({ reason: 'the ready command is being asked', judged: 'files' });
  expect((await root.sjq('why', 'first')).stdout).toContain('from files: the monitor posts no status that can be read');
  await monitor.stop();
  expect(await judged()).toMatchObject({ reason: 'the ready command is being asked', judged: 'files' });
});
