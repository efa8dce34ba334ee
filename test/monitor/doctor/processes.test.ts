import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { claimsAtOdds, groupsAtOdds, straysAtOdds } from '../../../src/monitor/doctor/processes.ts';
import { type Bytes } from '../../../src/model/bytes.ts';
import { realProcesses } from '../../../src/system/processes.ts';
import { makeClaim } from '../../support/claims.ts';
import { eventually } from '../../support/eventually.ts';
import { aWard, type Ward } from '../../support/patient.ts';
import { start } from '../../support/scratch.ts';

function aProcess({ root }: Ward, name: string, token: string): number {
  const env = { PATH: process.env['PATH'], SJQ_ROOT: root.dir, SJQ_NAME: name, SJQ_ATTEMPT: '1', SJQ_TOKEN: token };
  return start('sleep', ['60'], { env }).pid;
}

const token = 'f'.repeat(32);

it('a process of an attempt that is over is found, and --fix ends it; one of an attempt in progress is not', async () => {
  const ward = aWard();
  ward.put('done-q', 'a');
  const claim = makeClaim(ward.root, 'b', { command: 'sleep 60', started: 'dead' });
  const stray = aProcess(ward, 'a', token);
  const own = aProcess(ward, 'b', claim.token);
  await eventually(() => ward.kinds('live', [straysAtOdds]).length === 1, { what: 'the processes are seen' });
  expect(ward.findings('live', [straysAtOdds])).toMatchObject([
    { place: 'done-q/a', severity: 'fault', text: `process ${stray} (sleep) was started by attempt 1, which is over` },
  ]);
  expect(await ward.mend([straysAtOdds])).toEqual(['done-q/a: the processes were ended']);
  expect(realProcesses.isAlive(stray)).toBe(false);
  expect(realProcesses.isAlive(own)).toBe(true);
});

it('a process that was meant to stay is left alone, by its header, its job type or the settings; one of a UOW that is gone is noted', async () => {
  const ward = aWard('defaults: {}\n');
  ward.put('done-q', 'a', { header: ['leftovers :: leave'] });
  ward.put('done-q', 'b', { header: ['job :: daemon'] });
  mkdirSync(ward.root.path('job-types'));
  writeFileSync(
    ward.root.path('job-types/daemon.yaml'),
    'name: daemon\nversion: "1"\nargv: ["true"]\ndefaults: {leftovers: leave}\n',
  );
  aProcess(ward, 'a', '1'.repeat(32));
  aProcess(ward, 'b', '2'.repeat(32));
  aProcess(ward, 'gone', '3'.repeat(32));
  await eventually(() => ward.findings('live', [straysAtOdds]).length > 0, { what: 'the processes are seen' });
  expect(ward.findings('live', [straysAtOdds])).toMatchObject([{ place: 'gone', severity: 'note' }]);
});

it('a process of an attempt that STATUS says runs, and that has no record, is found and left to a person', async () => {
  const ward = aWard();
  ward.put('currently-executing', 'a', { status: { word: 'running' } });
  aProcess(ward, 'a', token);
  await eventually(() => ward.findings('stopped', [straysAtOdds]).length > 0, { what: 'the process is seen' });
  const [finding] = ward.findings('stopped', [straysAtOdds]);
  expect(finding?.text).toMatch(/attempt 1, which STATUS says runs, and there is no record of it/);
  expect(finding?.mend).toBeUndefined();
});

it('what waits for the next monitor is noted, with what it will do; on a live root only a guardian that is gone', () => {
  const { root, findings } = aWard();
  const command = 'true';
  makeClaim(root, 'ended', { command, started: 'dead', result: {} });
  makeClaim(root, 'fresh', { command });
  makeClaim(root, 'back', { command, started: 'withdrawn' });
  makeClaim(root, 'orphaned', { command, started: 'dead' });
  const texts = (state: 'live' | 'stopped'): readonly string[] =>
    findings(state, [claimsAtOdds])
      .map(({ severity, place, text }) => `${severity} ${place} ${text}`)
      .sort();
  expect(texts('stopped')).toEqual([
    'note currently-executing/back attempt 1: was taken back, and waits to be moved to its queue',
    'note currently-executing/ended attempt 1: has ended, and waits to be moved to its queue',
    'note currently-executing/fresh attempt 1: was claimed and has not begun',
    'note currently-executing/orphaned attempt 1: its guardian was killed: what is left of its job is ended, and it is interrupted',
  ]);
  expect(texts('live')).toEqual([expect.stringMatching(/^note currently-executing\/orphaned /)]);
});

it('a control group of an attempt that is over is noted, and is removed if it is empty', () => {
  const ward = aWard();
  const { id } = makeClaim(ward.root, 'a', { command: 'true' });
  const dir = '/sys/fs/cgroup/none' as Bytes;
  const groups = [
    { dir, id, isPopulated: true },
    { dir, id: '1-1.1-aaaaaa', isPopulated: false },
    { dir, id: '1-1.1-bbbbbb', isPopulated: true },
  ];
  expect(ward.kinds('live', [(found) => groupsAtOdds(found, groups)])).toEqual([
    'control-group /sys/fs/cgroup/none +',
    'control-group /sys/fs/cgroup/none',
  ]);
});
