import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunId } from '../../../src/model/run.ts';
import { dropDirectory } from '../../../src/monitor/survey/runs.ts';
import { testContext } from '../../support/context.ts';

const id = '1-2.1-abcdef' as RunId;

it('what a job made under the monitor’s own names is removed with all that is in it', () => {
  const { context, path, write } = testContext();
  for (const name of ['started', 'progress', 'result', 'other/deep']) {
    mkdirSync(path('.sjq/runs', id, name), { recursive: true });
    write(`.sjq/runs/${id}/${name}/file`, 'x');
  }
  dropDirectory(context, id);
  expect(existsSync(path('.sjq/runs', id))).toBe(false);
});

it('where a job put a symlink in place of its directory, only that is removed', () => {
  const { context, path, write } = testContext();
  mkdirSync(path('elsewhere'));
  write('elsewhere/result', 'somebody’s');
  symlinkSync(path('elsewhere'), path('.sjq/runs', id));
  dropDirectory(context, id);
  expect(existsSync(path('.sjq/runs', id))).toBe(false);
  expect(readFileSync(path('elsewhere/result'), 'latin1')).toContain('somebody');
  writeFileSync(path('.sjq/runs', id), 'a file');
  dropDirectory(context, id);
  expect(existsSync(path('.sjq/runs', id))).toBe(false);
});
