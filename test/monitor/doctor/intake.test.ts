import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { intakeAtOdds } from '../../../src/monitor/doctor/intake.ts';
import { uowText } from '../../support/root.ts';
import { aWard, type Ward } from '../../support/patient.ts';

const checks = [intakeAtOdds];

function interrupted({ root }: Ward): void {
  for (const dir of ['intake/wait', 'intake/new', 'inbox']) mkdirSync(root.path('.sjq', dir), { recursive: true });
  const aside = root.path('.sjq/intake/wait/a');
  writeFileSync(aside, uowText('command :: true'));
  writeFileSync(root.path('.sjq/intake/new', `wait.${statSync(aside).ino}`), uowText('command :: true'));
  writeFileSync(root.path('.sjq/inbox/4.acted'), '0 0 0\n');
  writeFileSync(root.path('.sjq/inbox/5'), 'PAUSE\n');
  writeFileSync(root.path('.sjq/inbox/5.acted'), '0 0 0\n');
}

it('what a crash left of an intake and of a message file is found, a message file that is read on is not', () => {
  const ward = aWard();
  interrupted(ward);
  const found = ward.kinds('live', checks);
  expect(found).toHaveLength(3);
  expect(found[0]).toBe('left-behind .sjq/intake/wait/a');
  expect(found[1]).toMatch(/^left-behind .sjq\/intake\/new\/wait\.\d+$/);
  expect(found[2]).toBe('left-behind .sjq/inbox/4.acted');
  expect(ward.findings('stopped', checks).every(({ severity }) => severity === 'note')).toBe(true);
});

it('--fix gives an original its name back, and drops what belongs to nobody', async () => {
  const ward = aWard();
  interrupted(ward);
  await ward.mend(checks);
  expect(ward.kinds('quiet', checks)).toEqual([]);
  expect(ward.root.list('wait-q')).toEqual(['a']);
});

it('UOWs of schedules and flows that did not come whole into their queue are found', () => {
  const { root, kinds, findings } = aWard();
  for (const dir of ['firing', 'flowing']) mkdirSync(root.path('.sjq', dir), { recursive: true });
  writeFileSync(root.path('.sjq/firing/nightly@2026-11-22T070000Z'), uowText('command :: true'));
  writeFileSync(root.path('.sjq/flowing/etl.load'), uowText('command :: true'));
  const found = ['left-behind .sjq/firing/nightly@2026-11-22T070000Z', 'left-behind .sjq/flowing/etl.load'];
  expect(kinds('quiet', checks)).toEqual(found);
  expect(findings('stopped', checks).map(({ severity }) => severity)).toEqual(['note', 'note']);
});
