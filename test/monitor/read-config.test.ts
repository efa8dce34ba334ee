import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/monitor/read-config.ts';
import { testContext } from '../support/context.ts';

it('a config.yaml that is there and cannot be read is refused: the defaults may allow what it forbids', () => {
  const puts: readonly ((path: string) => void)[] = [
    (path) => symlinkSync('nowhere', path),
    (path) => symlinkSync(path, path),
    (path) => symlinkSync('/dev/null', path),
    (path) => mkdirSync(path),
    (path) => void execFileSync('mkfifo', [path]),
  ];
  for (const put of puts) {
    const { context, path } = testContext();
    put(path('config.yaml'));
    expect(() => readConfig(context.machine.files, context.paths.root)).toThrow(/config\.yaml: cannot be read \(/);
  }
});

it('a config.yaml that the disk or a missing right keeps from being read is refused, too', () => {
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  const { context, write } = testContext({
    files: {
      read: () => {
        throw denied;
      },
    },
  });
  write('config.yaml', 'slots: 2\n');
  expect(() => readConfig(context.machine.files, context.paths.root)).toThrow(/cannot be read \(Error: EACCES/);
});

it('without a config.yaml the defaults hold', () => {
  const { context } = testContext();
  expect(readConfig(context.machine.files, context.paths.root).slots).toBe(1);
});
