import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sayProgress } from '../../src/cli/commands/progress.ts';
import type { SjqError } from '../../src/model/errors.ts';
import { program, testRoot } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';

it('progress in a job is shown by show, with what is left', async () => {
  const root = testRoot();
  await root.monitor();
  const say = `'${process.execPath}' '${program}' progress 40% copying the rest`;
  root.drop('long', [`command :: sleep 1; ${say}; exec sleep 60`]);
  await expect
    .poll(async () => (await root.sjq('show', 'long')).stdout, { timeout: 20_000 })
    .toMatch(/\n {2}progress {2}40% copying the rest\n {2}end {7}about \d+s left\n/);
  const [uow] = (JSON.parse((await root.sjq('show', '--json', 'long')).stdout) as { uows: object[] }).uows;
  expect(uow).toMatchObject({ progress: { percent: 40, note: 'copying the rest' }, estimate: { from: 'progress' } });
}, 40_000);

it('progress outside a job, behind its end or of no number is refused, and nothing is left behind', () => {
  const dir = scratchFolder();
  const path = join(dir, 'progress');
  const code = (of: string | undefined, percent: string): unknown => {
    try {
      sayProgress(of, percent, ['a\nb', 'c']);
    } catch (error) {
      return (error as SjqError).code;
    }
    return 'said';
  };
  expect(code(undefined, '40')).toBe('usage');
  expect(code(join(dir, 'gone/progress'), '40')).toBe('no');
  for (const bad of ['101', 'half', '-1', '']) expect([bad, code(path, bad)]).toEqual([bad, 'usage']);
  expect(readdirSync(dir)).toEqual([]);
  for (const [given, written] of [
    ['40', '40 a b c\n'],
    ['12.5%', '12.5 a b c\n'],
    ['7 of 9', '7 of 9 a b c\n'],
  ] as const) {
    expect(code(path, given)).toBe('said');
    expect(readFileSync(path, 'utf8')).toBe(written);
  }
  expect(readdirSync(dir)).toEqual(['progress']);
});
