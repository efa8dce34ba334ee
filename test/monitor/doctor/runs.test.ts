import { rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runsAtOdds } from '../../../src/monitor/doctor/runs.ts';
import { makeClaim } from '../../support/claims.ts';
import { aWard } from '../../support/patient.ts';

const checks = [runsAtOdds];
const command = 'true';

it('a whole attempt is as it should be while something may be left to do, and left behind when nothing is', () => {
  const { root, kinds } = aWard();
  const { id } = makeClaim(root, 'a', { command, started: 'dead' });
  expect(kinds('live', checks)).toEqual([]);
  expect(kinds('stopped', checks)).toEqual([]);
  expect(kinds('quiet', checks)).toEqual([
    `left-behind .sjq/runs/${id}.run`,
    `left-behind .sjq/runs/${id}`,
    `left-behind .sjq/claimed/${id}.uow`,
  ]);
});

it('half an attempt is found; a monitor’s start mends it, or --fix, which keeps a last name in fail-q', async () => {
  const { root, kinds, findings, mend } = aWard();
  const linkless = makeClaim(root, 'a', { command, hasSecondLink: false, status: { word: 'waiting', attempt: 0 } });
  const torn = makeClaim(root, 'b', { command, record: 'torn', places: ['archive'] });
  rmSync(root.path('archive/b'));
  expect([...kinds('live', checks)].sort()).toEqual([
    `orphan .sjq/runs/${linkless.id}.run`,
    `orphan .sjq/runs/${torn.id}.run`,
  ]);
  expect(
    findings('stopped', checks)
      .map(({ severity, text }) => `${severity}: ${text}`)
      .sort(),
  ).toEqual([
    'note: belongs to an attempt of which only a part is there: it has no second link',
    'note: belongs to an attempt of which only a part is there: its record is torn',
  ]);
  expect(await mend(checks)).toHaveLength(1);
  expect(kinds('quiet', checks)).toEqual([]);
  expect(root.status('fail-q', torn.id)).toMatch(/^fail interrupted #1 /);
  expect(root.where('a')).toEqual(['currently-executing']);
});

it('a STATUS that tells of another attempt than the record is found', () => {
  const { root, kinds } = aWard();
  const { id } = makeClaim(root, 'a', { command, status: { attempt: 2 } });
  expect(kinds('live', checks)).toEqual([]);
  const text = root.read('currently-executing', 'a').replace('running #2', 'running #7');
  // In place: the second link is the same file.
  writeFileSync(root.path('currently-executing/a'), text, 'latin1');
  expect(kinds('live', checks)).toEqual([`attempt-number .sjq/runs/${id}.run`]);
});
