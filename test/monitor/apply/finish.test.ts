import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { destinationOffset, textFromEnding } from '../../../src/format/run-record.ts';
import { makeClaim, printed } from '../../support/claims.ts';
import { eventually } from '../../support/eventually.ts';
import { openCgroups } from '../../../src/system/cgroups.ts';
import { testRoot } from '../../support/root.ts';
import { scratchFolder } from '../../support/scratch.ts';

const result = '\n==== RESULT {"rows":3}\n';
const notes = ['one', 'two'].map((text) => `\n==== NOTE 2026-11-22T04:31:06Z ada ${text}\n`);

it.each([
  ['before a byte of it', ''],
  ['in the midst of the result', result.slice(0, 9)],
  ['behind it', `${result}${notes[0]}`],
])(
  'a monitor that died while it appended result and note, %s, and a note more: each stands once',
  async (_when, there) => {
    const root = testRoot();
    const claim = makeClaim(root, 'a', { command: 'true', started: 'dead', result: {} });
    printed(root, claim, 'printed\n');
    const [uow, record] = [root.path('.sjq/claimed', `${claim.id}.uow`), root.path('.sjq/runs', `${claim.id}.run`)];
    const text = readFileSync(record, 'latin1');
    const ending = textFromEnding({ outputEndsAt: statSync(uow).size });
    writeFileSync(
      record,
      text.slice(0, destinationOffset) + ending + text.slice(destinationOffset + ending.length),
      'latin1',
    );
    writeFileSync(root.path('.sjq/runs', claim.id, 'result'), '{"rows":3}');
    appendFileSync(uow, there);
    writeFileSync(root.path('.sjq/claimed', `${claim.id}.notes`), notes.join(''));
    await root.monitor();
    await root.arrival('done-q', 'a');
    await eventually(() => root.history().some(({ kind }) => kind === 'attempt'), { what: 'it is in the history' });
    expect(root.log('done-q', 'a')).toBe(`printed\n${result}${notes.join('')}`);
    expect(root.history().find(({ kind }) => kind === 'attempt')).toMatchObject({ log_bytes: 'printed\n'.length });
  },
);

it('an attempt whose output could not be written whole says so in STATUS, in monitor_says and in the history; another one in none', async () => {
  const root = testRoot();
  for (const [name, tee] of [
    ['lost', 1],
    ['whole', 0],
  ] as const)
    printed(root, makeClaim(root, name, { command: 'true', started: 'dead', result: { tee } }), 'printed\n');
  await root.sjq('once', '-q');
  expect(root.status('done-q', 'lost')).toMatch(/^done exit=0 log! /);
  expect(root.status('done-q', 'whole')).toMatch(/^done exit=0 #1 /);
  expect(root.says()).toMatch(/ ended lost .*part of its output could not be written to the log/);
  const told = root.history().filter(({ kind }) => kind === 'attempt');
  expect(Object.fromEntries(told.map(({ name, log_lost: isLost }) => [String(name), isLost]))).toEqual({
    lost: true,
    whole: undefined,
  });
});

it('of an attempt whose control group ran out of memory monitor_says and the history tell it', async ({ skip }) => {
  const groups = process.getuid?.() === 0 ? openCgroups('own', 0) : undefined;
  if (!groups) return skip('no cgroup v2 of our own here');
  groups.close();
  const root = testRoot('cgroup: own\n');
  const cgroup = scratchFolder();
  writeFileSync(`${cgroup}/memory.events`, 'oom 1\noom_kill 2\n');
  makeClaim(root, 'a', { command: 'true', started: 'dead', cgroup, result: { code: 137 } });
  await root.monitor();
  await root.arrival('fail-q', 'a');
  const told =
    / ended a outcome=fail reason=signal=KILL .* out of memory: the kernel killed 2 of its processes \(the machine/;
  await eventually(() => told.test(root.says()), { what: `it is said: ${root.says()}` });
  expect(root.history().find(({ kind }) => kind === 'attempt')).toMatchObject({ signal: 'KILL', oom_kills: 2 });
  expect((await root.sjq('show', 'a')).stdout).toContain('out of memory: the kernel killed 2 of its processes');
});
