// That `npm test` names what passed only the second time, from what vitest really writes about it.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { scratchFolder } from './support/scratch.ts';
import { secondTries } from './support/second-tries.mjs';

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');

it('a test that passes when it is tried again is named with why it failed, and no other is', async () => {
  const dir = scratchFolder();
  const flaky = "let tries = 0;\ndescribe('of two', () => {\n  it('fails once', () => expect(++tries).toBe(2));\n";
  writeFileSync(join(dir, 'a.test.mjs'), `${flaky}  it('is well', () => undefined);\n});\n`);
  const file = join(dir, 'results.json');
  const args = ['--root', dir, '--globals', '--retry=1', '--reporter=json', `--outputFile=${file}`];
  await promisify(execFile)(process.execPath, [vitest, 'run', ...args], { cwd: dir });
  const results = JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof secondTries>[0];
  expect(secondTries(results, dir)).toEqual([
    'NEEDED A SECOND TRY: a.test.mjs > of two fails once: AssertionError: expected 1 to be 2 // Object.is equality',
  ]);
});
