import { expect, it, test } from 'vitest';
import { Header } from '../../src/model/header.ts';
import { cpuMaxFromText, keptBy, limitsOf, memoryMaxFromText } from '../../src/model/limits.ts';

test.for([
  ['150%', { kind: 'share', percent: 150 }],
  ['12.5 %', { kind: 'share', percent: 12.5 }],
  ['90s', { kind: 'time', seconds: 90 }],
  ['1h30m', { kind: 'time', seconds: 5400 }],
  ['200ms', { kind: 'time', seconds: 1 }],
] as const)('a cpu-max of %s is a share, or a time', ([text, cpuMax]) => {
  expect(cpuMaxFromText(text)).toEqual(cpuMax);
});

test.for(['', '2', '1.5', '0%', '%', '0s', '150', 'all'])(
  '"%s" is no cpu-max: a bare number could be either',
  (text) => {
    expect(cpuMaxFromText(text)).toBeUndefined();
  },
);

it('a memory-max is a size with which something can start', () => {
  expect(['512M', '1MiB', '500MB'].map(memoryMaxFromText)).toEqual([536_870_912, 1_048_576, 500_000_000]);
  expect(['1000', '', 'much'].map(memoryMaxFromText)).toEqual([undefined, undefined, undefined]);
});

it('a limit is kept by the control group where it can, else by the process, and a share then by nobody', () => {
  const of = (memory: string, cpu: string) =>
    limitsOf(
      new Header([
        { name: 'memory-max', content: memory, line: 1 },
        { name: 'cpu-max', content: cpu, line: 2 },
      ]),
    );
  const both = new Set(['memory', 'cpu'] as const);
  expect(keptBy(of('1G', '50%'), both)).toEqual({ memory: 'cgroup', cpu: 'cgroup' });
  expect(keptBy(of('1G', '50%'), new Set())).toEqual({ memory: 'process', cpu: 'nobody' });
  expect(keptBy(of('1G', '5m'), both)).toEqual({ memory: 'cgroup', cpu: 'process' });
  expect(keptBy(limitsOf(new Header([])), both)).toEqual({});
});
