import { existsSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { directoriesAtOdds } from '../../../src/monitor/doctor/directories.ts';
import { makeRoot } from '../../../src/monitor/root.ts';
import { readConfig } from '../../../src/monitor/read-config.ts';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import { realFiles } from '../../../src/system/files.ts';
import { aWard, type Ward } from '../../support/patient.ts';

const checks = [directoriesAtOdds];

function whole(): Ward {
  const ward = aWard();
  const root = bytesFromUtf8(ward.root.dir);
  makeRoot(realFiles, root, readConfig(realFiles, root));
  return ward;
}

it('a root with all its directories is as it should be, also where one is a symbolic link to another', () => {
  const { root, kinds } = whole();
  renameSync(root.path('wait-q'), root.path('elsewhere'));
  symlinkSync('elsewhere', root.path('wait-q'));
  expect(kinds('live', checks)).toEqual([]);
});

it('a directory that is gone is found, and made by --fix; what stands in its place is left', async () => {
  const { root, kinds, findings, mend } = whole();
  for (const name of ['wait-q', 'done-q', 'schedules']) rmdirSync(root.path(name));
  symlinkSync('nowhere', root.path('done-q'));
  writeFileSync(root.path('schedules'), '');
  expect(kinds('live', checks)).toEqual(['directory wait-q +', 'directory done-q', 'directory schedules']);
  expect(await mend(checks)).toEqual(['wait-q: was made, empty']);
  expect(findings('stopped', checks).map(({ place, text }) => `${place} ${text}`)).toEqual([
    'done-q is a symbolic link that leads to no directory',
    'schedules is no directory',
  ]);
});

it('a root without .sjq is told while no monitor runs', () => {
  const { root, findings } = whole();
  expect(existsSync(root.path('.sjq'))).toBe(true);
  renameSync(root.path('.sjq'), root.path('.old'));
  expect(findings('stopped', checks).map(({ severity, place }) => `${severity} ${place}`)).toEqual(['note .sjq']);
});
