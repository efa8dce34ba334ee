import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { enable, jobGroupsOf, openCgroups, setLimits, usage } from '../../src/system/cgroups.ts';
import { eventually } from '../support/eventually.ts';
import { killAfterTest, scratchFolder, start } from '../support/scratch.ts';

const isRoot = process.getuid?.() === 0;

it('gives no groups where they are off, nor by auto to root, who cannot know what is whose', () => {
  expect(openCgroups('off', process.getuid?.() ?? 0)).toBeUndefined();
  expect(openCgroups('auto', 0)).toBeUndefined();
  expect(jobGroupsOf(process.pid)).toEqual([]);
});

it.runIf(isRoot)('kills everything in a group, and removes it when it is empty', async ({ skip }) => {
  const groups = openCgroups('own', 0);
  if (!groups) return skip('no cgroup v2 of our own here');
  const dir = groups.create('1-2.1-abcdef', {});
  const program = 'echo 0 > "$1/cgroup.procs"; setsid sleep 600 & exec sleep 600';
  const { child } = start('sh', ['-c', program, 'sh', dir]);
  const count = (): number => readFileSync(`${dir}/cgroup.procs`, 'utf8').split('\n').length - 1;
  await eventually(() => count() === 2, { what: 'both are in the group' });
  const late = start('sleep', ['600']);
  writeFileSync(`${dir}/cgroup.procs`, String(late.pid));
  killAfterTest(late.pid);
  expect(jobGroupsOf(process.pid)).toEqual([{ dir, id: '1-2.1-abcdef', isPopulated: true }]);
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

it.runIf(isRoot)('removes the empty group of a monitor that was killed, and no other', async ({ skip }) => {
  const groups = openCgroups('own', 0);
  if (!groups) return skip('no cgroup v2 of our own here');
  const dir = groups.create('1-4.1-abcdef', {});
  const beside = dirname(dirname(dir));
  const { pid, child } = start('true', []);
  const dead = join(beside, `sjq-jobs-${pid}`);
  mkdirSync(dead);
  await eventually(() => child.exitCode === 0 && !existsSync(`/proc/${pid}`), { what: 'it has ended' });
  groups.remove(dir);
  // Another monitor starts.
  const program = pathToFileURL(join(import.meta.dirname, '../../dist/system/cgroups.js')).href;
  execFileSync(process.execPath, ['-e', `import('${program}').then((module) => module.openCgroups('own', 0).close())`]);
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(dirname(dir))).toBe(true);
  groups.close();
});

it.runIf(isRoot)('tells what a group used, also by processes that nobody waited for', async ({ skip }) => {
  const groups = openCgroups('own', 0);
  if (!groups) return skip('no cgroup v2 of our own here');
  const dir = groups.create('1-3.1-abcdef', {});
  const spin = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';
  const { child } = start('sh', ['-c', `echo 0 > "$1/cgroup.procs"; (setsid sh -c '${spin}' &)`, 'sh', dir]);
  await eventually(() => child.exitCode === 0 && readFileSync(`${dir}/cgroup.procs`, 'utf8') === '', {
    withinMs: 20_000,
    what: 'all have ended',
  });
  expect(groups.usage(dir).cpuMs).toBeGreaterThan(50);
  groups.remove(dir);
  expect(groups.usage(dir)).toEqual({});
  groups.close();
});

it('leaves out of a group’s usage what the system does not tell', () => {
  const dir = `${scratchFolder()}/group`;
  const path = bytesFromUtf8(dir);
  mkdirSync(dir);
  expect(usage(path)).toEqual({});
  writeFileSync(`${dir}/cpu.stat`, 'usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n');
  expect(usage(path)).toEqual({ cpuMs: 1235 });
  writeFileSync(`${dir}/memory.peak`, '10485760\n');
  expect(usage(path)).toEqual({ cpuMs: 1235, memoryPeakBytes: 10_485_760 });
});

it('writes the limits of a job as the kernel reads them, and only those that its group keeps', () => {
  const dir = scratchFolder();
  const limits = { memoryMaxBytes: 512 * 1024 * 1024, cpuMax: { kind: 'share', percent: 150 } } as const;
  const file = (name: string): string | undefined =>
    existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : undefined;
  const names = ['memory.max', 'memory.swap.max', 'memory.oom.group', 'cpu.max'];
  setLimits(bytesFromUtf8(dir), limits, new Set());
  expect(names.map(file)).toEqual([undefined, undefined, undefined, undefined]);
  setLimits(bytesFromUtf8(dir), limits, new Set(['memory', 'cpu'] as const));
  expect(names.map(file)).toEqual(['536870912', '0', '1', '150000 100000']);
});

it('has the groups keep a limit that the one above has to give, and no other', () => {
  const above = scratchFolder();
  const jobs = join(above, 'sjq-jobs-1');
  expect(enable(bytesFromUtf8(jobs), 'memory')).toBe(false);
  mkdirSync(jobs);
  expect(enable(bytesFromUtf8(jobs), 'memory')).toBe(true);
  for (const dir of [above, jobs]) expect(readFileSync(join(dir, 'cgroup.subtree_control'), 'utf8')).toBe('+memory');
});

it('tells how many processes the kernel killed for want of memory', () => {
  const dir = scratchFolder();
  writeFileSync(join(dir, 'memory.events'), 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\noom_group_kill 1\n');
  expect(usage(bytesFromUtf8(dir))).toEqual({ oomKills: 3 });
});

it.runIf(isRoot)('makes its groups beside a monitor that stands in one of its own, named sjq-monitor', ({ skip }) => {
  const groups = openCgroups('own', 0);
  if (!groups) return skip('no cgroup v2 of our own here');
  const given = dirname(groups.create('1-5.1-abcdef', {}));
  groups.remove(bytesFromUtf8(join(given, '1-5.1-abcdef')));
  const above = join(dirname(given), `sjq-test-${process.pid}`);
  const leaf = join(above, 'sjq-monitor');
  mkdirSync(leaf, { recursive: true });
  const module = pathToFileURL(join(import.meta.dirname, '../../dist/system/cgroups.js')).href;
  const program = `import('${module}').then((module) => {
    const groups = module.openCgroups('own', 0);
    const dir = groups.create('1-6.1-abcdef', {});
    console.log(dir, module.jobGroupsOf(process.pid).length);
    groups.remove(dir);
    groups.close();
  })`;
  const script = 'echo 0 > "$1/cgroup.procs"; exec "$2" -e "$3"';
  const out = execFileSync('sh', ['-c', script, 'sh', leaf, process.execPath, program], { encoding: 'utf8' });
  expect(out).toMatch(new RegExp(`^${above}/sjq-jobs-\\d+/1-6\\.1-abcdef 1\n$`));
  for (const dir of [leaf, above]) rmdirSync(dir);
  groups.close();
});
