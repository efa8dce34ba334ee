import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmdirSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readJobTypes } from '../../src/monitor/job-types.ts';
import { testContext } from '../support/context.ts';

const good = "name: good\nversion: '1'\nargv: [true]\n";

it('what is no job type, or cannot be read, is said and concerns no other', () => {
  const { context, path, write, notices } = testContext();
  write('job-types/good.yaml', good);
  write('job-types/bad.yaml', '{{{');
  mkdirSync(path('job-types/dir.yaml'));
  symlinkSync('good.yaml', path('job-types/link.yaml'));
  execFileSync('mkfifo', [path('job-types/fifo.yaml')]);
  expect(readJobTypes(context).map(({ name }) => name)).toEqual(['good']);
  const refused = notices.map(({ event, name, text }) => [event, name, /no regular file/.test(text ?? '')]);
  expect(refused).toEqual([
    ['refused', 'bad.yaml', false],
    ['refused', 'dir.yaml', true],
    ['refused', 'fifo.yaml', true],
    ['refused', 'link.yaml', true],
  ]);
});

it('a file that not everybody may read makes its job type closed', () => {
  const { context, path, write } = testContext();
  write('job-types/good.yaml', good);
  chmodSync(path('job-types/good.yaml'), 0o644);
  expect(readJobTypes(context)[0]?.isClosed).toBeUndefined();
  chmodSync(path('job-types/good.yaml'), 0o640);
  expect(readJobTypes(context)[0]?.isClosed).toBe(true);
});

it('a directory of job types that cannot be listed leaves the monitor without any', () => {
  const { context, path, notices } = testContext();
  rmdirSync(path('job-types'));
  symlinkSync('job-types', path('job-types'));
  expect(readJobTypes(context)).toEqual([]);
  expect(notices).toMatchObject([{ event: 'refused', text: expect.stringMatching(/cannot be read/) as string }]);
});
