import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeRoot } from '../../../src/monitor/root.ts';
import { modesAtOdds } from '../../../src/monitor/doctor/modes.ts';
import { bytesFromUtf8 } from '../../../src/model/bytes.ts';
import { readConfig } from '../../../src/monitor/read-config.ts';
import { realFiles } from '../../../src/system/files.ts';
import { aWard, type Ward } from '../../support/patient.ts';

const checks = [modesAtOdds];

function made(config = ''): Ward {
  const ward = aWard(config);
  const root = bytesFromUtf8(ward.root.dir);
  makeRoot(realFiles, root, readConfig(realFiles, root));
  return ward;
}

it('a root as it is made gives no finding', () => {
  expect(made().kinds('quiet', checks)).toEqual([]);
});

it('what everybody may write to is found wherever it decides what runs, and --fix closes it', async () => {
  const { root, kinds, findings, mend } = made();
  writeFileSync(root.path('monitor_reads'), '');
  writeFileSync(root.path('job-types/copy.yaml'), '');
  const open = ['', 'wait-q', 'config.yaml', 'monitor_reads', 'job-types', 'job-types/copy.yaml'];
  for (const path of open) chmodSync(root.path(path), 0o777);
  expect([...kinds('live', checks)].sort()).toEqual(['.', ...open.slice(1)].map((place) => `mode ${place} +`).sort());
  expect(findings('live', checks)[0]?.text).toMatch(/^everybody on this machine may write to it \(0777\), and so run/);
  await mend(checks);
  expect(kinds('live', checks).filter((line) => line.endsWith('+'))).toEqual([]);
  expect(statSync(root.path('wait-q')).mode & 0o777).toBe(0o775);
});

it('queues that everybody may drop into are as they should be where each job runs as its owner, if the sticky bit is set', () => {
  const { root, kinds } = made('run_as: owner\n');
  for (const path of ['wait-q', 'priority-q', 'done-q']) chmodSync(root.path(path), 0o1777);
  expect(kinds('live', checks)).toEqual(['mode done-q +']);
  chmodSync(root.path('wait-q'), 0o777);
  expect(kinds('live', checks)).toContain('mode wait-q +');
});

it('.sjq opened wider than it was made is found, and gets its modes back', async () => {
  const { root, kinds, mend } = made();
  chmodSync(root.path('.sjq'), 0o755);
  chmodSync(root.path('.sjq/claimed'), 0o750);
  writeFileSync(root.path('.sjq/runs/x.run'), '');
  chmodSync(root.path('.sjq/runs/x.run'), 0o666);
  expect(kinds('stopped', checks)).toEqual(['mode .sjq +', 'mode .sjq/claimed +', 'mode .sjq/runs/x.run +']);
  await mend(checks);
  expect(kinds('stopped', checks)).toEqual([]);
  expect(statSync(root.path('.sjq')).mode & 0o777).toBe(0o711);
});

it.runIf(process.getuid?.() === 0)(
  'a group that may write is noted, and a file of another user in .sjq is found',
  () => {
    const { root, findings } = made();
    chownSync(root.path('wait-q'), 0, 12_345);
    chmodSync(root.path('wait-q'), 0o2775);
    mkdirSync(root.path('.sjq/runs'), { recursive: true });
    writeFileSync(root.path('.sjq/runs/x.run'), '', { mode: 0o600 });
    chownSync(root.path('.sjq/runs/x.run'), 12_345, 0);
    expect(findings('live', checks).map(({ severity, place, text }) => `${severity} ${place}: ${text}`)).toEqual([
      'note wait-q: the group 12345 may write to it (0775), and so run commands as root',
      'fault .sjq/runs/x.run: belongs to 12345, and .sjq to root: the monitor may be refused there',
    ]);
  },
);
