import { expect, it } from 'vitest';
import { fileSystemAtOdds } from '../../../src/monitor/doctor/file-system.ts';
import type { Bytes } from '../../../src/model/bytes.ts';
import { realFiles } from '../../../src/system/files.ts';
import { aWard } from '../../support/patient.ts';

const checks = [fileSystemAtOdds];

it('a local file system is as it should be', () => {
  expect(aWard().kinds('live', checks)).toEqual([]);
});

it('a network file system and a queue that lies on another one are found', () => {
  const files = {
    ...realFiles,
    fileSystemType: () => 0xff534d42 | 0,
    stat: (path: Bytes) => {
      const stat = realFiles.stat(path);
      return stat && path.includes('/done-q') ? { ...stat, dev: stat.dev + 1 } : stat;
    },
  };
  const { findings } = aWard('', { files });
  expect(findings('stopped', checks).map(({ place, text }) => `${place} ${text}`)).toEqual([
    '. lies on CIFS: another host’s changes give no hints, and its monitor may not be seen by ours',
    'done-q lies on another file system than the root: no UOW can be moved there',
  ]);
});
