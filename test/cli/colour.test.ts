import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isColourful, paintFor } from '../../src/cli/colour.ts';
import { needPrograms } from '../support/programs.ts';
import { program, testRoot } from '../support/root.ts';
import { storedUow } from '../support/sjq.ts';

it.for([
  [true, {}, true],
  [false, {}, false],
  [undefined, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, true],
] as const)('a terminal: %s, with %j: colours %s', ([isTTY, env, expected]) => {
  expect(isColourful(isTTY === undefined ? {} : { isTTY }, env)).toBe(expected);
});

it('without colours a text stays as it is', () => {
  expect(paintFor({}, {})('red', 'text')).toBe('text');
  expect(paintFor({ isTTY: true }, {})('red', 'text')).toBe('\x1b[31mtext\x1b[39m');
});

it('show has colours on a terminal and none in a pipe', async (context) => {
  needPrograms(context, { script: 'bsdutils' });
  const root = testRoot();
  root.drop('job', storedUow('error exit=3 #1 2026-11-22T04:31:06Z 0.1s', 'out\n'), 'error-q');
  const { NO_COLOR: _none, FORCE_COLOR: _forced, ...env } = process.env;
  const command = `'${process.execPath}' '${program}' show --root '${root.dir}' job`;
  const onTerminal = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...env, TERM: 'xterm' },
  });
  expect(onTerminal.stdout).toContain('\x1b[31merror: it ended with exit code 3\x1b[39m');
  expect((await root.sjq('show', 'job')).stdout).not.toContain('\x1b');
});
