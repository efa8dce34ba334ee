import { expect, it } from 'vitest';
import { Header } from '../../../src/model/header.ts';
import { keptFrom, outputOf } from '../../../src/monitor/apply/output-of.ts';
import { aLaunch } from '../../support/builders.ts';

const of = (...lines: readonly (readonly [string, string])[]): ReturnType<typeof outputOf> =>
  outputOf(new Header(lines.map(([name, content], line) => ({ name, content, line }))), 'append');

it('an output that is to be silent for so long or kept in part says so, and a part is kept through tee alone', () => {
  expect(of()).toEqual({ output: 'append' });
  expect(of(['idle-timeout', '10m'])).toEqual({ output: 'append', idleMs: 600_000 });
  expect(of(['log-max', '10KB'])).toEqual({ output: 'tee', keep: { fileKib: 0, headBytes: 5000, tailBytes: 5000 } });
  expect(of(['log-max', '1GiB']).keep).toMatchObject({ tailBytes: 4 * 1024 * 1024 });
});

it('the head of an output is what fits into whole KiB of the file, at least what was asked for', () => {
  const launch = aLaunch(of(['log-max', '10KB']));
  expect(keptFrom(launch, 1000).keep).toEqual({ fileKib: 6, headBytes: 5144, tailBytes: 5000 });
  expect(keptFrom(launch, 1144).keep).toEqual({ fileKib: 6, headBytes: 5000, tailBytes: 5000 });
  expect(keptFrom(aLaunch(), 1000)).toEqual(aLaunch());
});
