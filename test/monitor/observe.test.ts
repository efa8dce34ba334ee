import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';
import { rootPaths } from '../../src/model/paths.ts';
import { observe } from '../../src/monitor/observe.ts';
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
