import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { rootPaths } from '../../src/model/paths.ts';
import { observe, observeWith } from '../../src/monitor/observe.ts';
import { readConfig } from '../../src/monitor/read-config.ts';
import { realMachine } from '../../src/monitor/real-machine.ts';
import { realFiles } from '../../src/system/files.ts';
import { testRoot } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

it('a look from outside knows what job types say of those that name them, as the monitor does', () => {
  const root = testRoot();
  mkdirSync(root.path('job-types'));
  writeFileSync(root.path('job-types/deploy.yaml'), 'version: 1\nargv: [/bin/true]\ndefaults:\n  priority: 5\n');
  root.drop('plain', storedUow('waiting #0 2026-11-22T04:31:06Z', ''));
  root.drop('typed', storedUow('waiting #0 2026-11-22T04:31:06Z', '', 'job :: deploy'));
  const dir = bytesFromUtf8(root.dir);
  const config = readConfig(realFiles, dir);
  const parts = { machine: realMachine(), paths: rootPaths(dir, config), config };
  const { waiting } = observe(parts, { paused: false, finishing: false });
  expect([...waiting.wait].map(({ name, priority }) => [name, priority])).toEqual([
    ['typed', 5],
    ['plain', 0],
  ]);
});

it('a look at what waits reads nothing of what has ended, and one at a few UOWs nothing of the others', () => {
  const root = testRoot();
  for (const [at, name] of ['a', 'b', 'c'].entries()) {
    const stamped = storedUow('waiting #0 2026-11-22T04:31:06Z', '').replace('1795329066-2', `1795329066-${at}`);
    root.drop(name, stamped);
    root.drop(`${name}-ended`, storedUow('done exit=0 #1 2026-11-22T04:31:06Z', ''), 'done-q');
  }
  const dir = bytesFromUtf8(root.dir);
  const config = readConfig(realFiles, dir);
  const read: string[] = [];
  const files: typeof realFiles = {
    ...realFiles,
    read(path, ...rest) {
      read.push(path.slice(dir.length + 1));
      return realFiles.read(path, ...rest);
    },
  };
  const parts = { machine: { ...realMachine(), files }, paths: rootPaths(dir, config), config };
  const control = { paused: false, finishing: false };
  const readOf = (look: () => unknown): readonly string[] => {
    read.length = 0;
    look();
    return read.filter((path) => path.includes('-q/')).sort();
  };
  expect(readOf(() => observe(parts, control))).toContain('done-q/a-ended');
  expect(readOf(() => observeWith(parts, control))).toEqual(['wait-q/a', 'wait-q/b', 'wait-q/c']);
  const some = { only: [bytesFromUtf8('b'), bytesFromUtf8('none')] };
  expect(readOf(() => observeWith(parts, control, some))).toEqual(['wait-q/b']);
  expect([...observeWith(parts, control, some).seen.waiting.wait].map(({ name }) => name)).toEqual(['b']);
  expect(observeWith(parts, control).seen.counts.done).toBe(3);
});
