// A UOW that starts when its own command says yes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { testRoot, type TestRoot } from '../support/root.ts';

function posted(root: TestRoot): string {
  return readFileSync(root.path('status/status.txt'), 'utf8');
}

it('one that says no waits, says why and lets others pass, and starts when it says yes', async () => {
  const root = testRoot();
  await root.monitor();
  root.drop('guarded', [
    'when :: echo asked >> asked; test -e go || { echo "no $MINE yet"; exit 1; }',
    'when-every :: 1s',
    'env.MINE :: go',
    'command :: echo went',
  ]);
  root.drop('other', ['command :: true']);
  await root.arrival('done-q', 'other');
  await eventually(() => posted(root).includes('its when says no: exit 1: no go yet'), { what: posted(root) });
  expect(root.where('guarded')).toEqual(['wait-q']);
  writeFileSync(root.path('go'), '');
  await root.arrival('done-q', 'guarded');
  // When it is asked nobody is told of its words, and the job's output is its own.
  expect(root.log('done-q', 'guarded')).toBe('went\n');
  expect(readFileSync(root.path('asked'), 'utf8').split('\n').length).toBeLessThan(30);
});

it('one that is asked with no right to be ends as one that cannot start', async () => {
  const root = testRoot('allow_commands: no\n');
  mkdirSync(root.path('job-types'));
  writeFileSync(root.path('job-types/greet.yaml'), 'argv: [echo, hello]\n');
  await root.monitor();
  root.drop('sly', ['job :: greet', 'when :: touch done-by-when']);
  await root.arrival('fail-q', 'sly');
  expect(root.log('fail-q', 'sly')).toContain('when is a command, and this root runs job types only');
  expect(existsSync(root.path('done-by-when'))).toBe(false);
});
