import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openCgroups } from '../../src/system/cgroups.ts';
import { eventually } from '../support/eventually.ts';
import { killAfterTest, start } from '../support/scratch.ts';

const isRoot = process.getuid?.() === 0;

it('gives no groups where they are off, nor by auto to root, who cannot know what is whose', () => {
  expect(openCgroups('off', process.getuid?.() ?? 0)).toBeUndefined();
  expect(openCgroups('auto', 0)).toBeUndefined();
});

it.runIf(isRoot)('kills everything in a group, and removes it when it is empty', async ({ skip }) => {
  const groups = openCgroups('own', 0);
  if (!groups) return skip('no cgroup v2 of our own here');
  const dir = groups.create('1-2.1-abcdef');
  const { pid, child } = start('sh', ['-c', 'setsid sleep 600 & echo $!; exec sleep 600']);
  writeFileSync(`${dir}/cgroup.procs`, String(pid));
  const late = start('sleep', ['600']);
  writeFileSync(`${dir}/cgroup.procs`, String(late.pid));
  killAfterTest(late.pid);
  groups.remove(dir);
  expect(existsSync(dir)).toBe(true);
  groups.kill(dir);
  await eventually(() => child.signalCode !== null && late.child.signalCode !== null, { what: 'both are killed' });
  await eventually(() => readFileSync(`${dir}/cgroup.procs`, 'utf8') === '', { what: 'the group is empty' });
  await eventually(
    () => {
      groups.remove(dir);
      return !existsSync(dir);
    },
    { what: 'the group is removed' },
  );
  groups.kill(dir);
  groups.close();
});
