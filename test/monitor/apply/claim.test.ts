import { appendFileSync, linkSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stampedUow } from '../../../src/format/uow-edit.ts';
import { parseUow } from '../../../src/format/uow-parse.ts';
import type { Bytes } from '../../../src/model/bytes.ts';
import { Batch } from '../../../src/monitor/apply/batch.ts';
import { claim } from '../../../src/monitor/apply/claim.ts';
import { realFiles } from '../../../src/system/files.ts';
import { aStatus, aWaiting, bytes } from '../../support/builders.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { uowText } from '../../support/root.ts';

const nothing = (): void => undefined;

/** Writes a UOW that waits, and claims it; `change` comes after the survey, `replace` between the look at the file and its second link. */
function claimed(
  replace: (path: string) => void,
  change: (path: string) => void = nothing,
): readonly [ReturnType<typeof claim>, TestContext] {
  const test = testContext({
    files: {
      link(from, to) {
        if (to.endsWith('.uow')) replace(from);
        return realFiles.link(from, to);
      },
    },
  });
  test.context.picture.hints.clear();
  const plain = bytes(uowText('command :: true'));
  const parsed = parseUow(plain);
  if (parsed.kind !== 'uow') throw new Error('it must parse');
  const stamp = { seconds: 1, ordinal: 2 };
  const text = stampedUow(plain, parsed.head, { stamp, event: 'enqueued', status: aStatus('waiting', { attempt: 0 }) });
  test.write('wait-q/a', text);
  const { ino, sizeBytes, mtimeMs } = realFiles.stat(bytes(test.path('wait-q/a')))!;
  change(test.path('wait-q/a'));
  const batch = new Batch(test.context.machine.files, 'power');
  return [claim(test.context, aWaiting('a', { ino, sizeBytes, mtimeMs, stamp }), batch), test];
}

it.each([
  ['taken away', (path: string) => renameSync(path, `${path}.taken`)],
  [
    'replaced by a symlink, which tee would follow',
    (path: string) => {
      renameSync(path, `${path}.taken`);
      writeFileSync(`${path}.victim`, 'victim');
      symlinkSync(`${path}.victim`, path);
    },
  ],
] as const)(
  'a UOW that is %s in the instant of its claim is looked at anew, and nothing is left of the claim',
  (_, replace) => {
    const [receipt, { context, path }] = claimed(replace);
    expect(receipt).toBe('gone');
    expect(context.picture.runs.size).toBe(0);
    expect([...context.picture.hints.keys()]).toEqual(['wait']);
    for (const dir of ['.sjq/runs', '.sjq/claimed', 'currently-executing']) expect(readdirSync(path(dir))).toEqual([]);
    for (const name of readdirSync(path('wait-q'))) {
      const text = readFileSync(path('wait-q', name), 'latin1') as Bytes;
      expect(text).toMatch(name.endsWith('victim') || name === 'a' ? /^victim$/ : /waiting #0/);
    }
  },
);

it.each([
  ['has grown', (path: string) => appendFileSync(path, 'more\n')],
  ['was edited in place', (path: string) => writeFileSync(path, readFileSync(path, 'latin1').replace('true', 'rm x'))],
  ['has got a second name', (path: string) => linkSync(path, `${path}.other`)],
] as const)('a UOW that %s since it was surveyed is looked at anew', (_, change) => {
  const [receipt, { context, path }] = claimed(nothing, change);
  expect(receipt).toBe('gone');
  expect([...context.picture.hints.keys()]).toEqual(['wait']);
  expect(readdirSync(path('.sjq/runs'))).toEqual([]);
});
