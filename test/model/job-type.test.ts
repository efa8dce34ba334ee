import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobType } from '../../src/model/config.ts';
import { compareVersions, fieldNameFromText, partsFromTemplate, pickJobType } from '../../src/model/job-type.ts';

function typeOf(name: string, version: string): JobType {
  return { name, version, argv: ['x'], environment: {}, path: [], fields: {}, defaults: {}, procnames: [] };
}

test('versions are in their natural order', () => {
  const order = [
    '0',
    '1.0-alpha',
    '1.0-beta2',
    '1.0-rc1',
    '1.0-rc10',
    '1.0',
    '1.0a',
    '1.0.1',
    '1.9',
    '1.10',
    '2',
    '2024.1',
    '10',
  ];
  const versions = [...order].reverse().sort(compareVersions);
  expect(versions).toEqual([
    '0',
    '1.0-alpha',
    '1.0-beta2',
    '1.0-rc1',
    '1.0-rc10',
    '1.0',
    '1.0a',
    '1.0.1',
    '1.9',
    '1.10',
    '2',
    '10',
    '2024.1',
  ]);
  expect(compareVersions('v1.9', '1.10')).toBeLessThan(0);
});

test('the order of versions is one: nothing is older than itself, and what is older twice is older', () => {
  const version = fc
    .array(fc.constantFrom('0', '1', '9', '10', '01', '.', '-', 'rc', 'a', 'v', '~'), { maxLength: 5 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 2000 },
  );
});

test('a job type without a version is the newest, with one exactly that', () => {
  const types = ['1.9', '1.10', '1.10-rc1'].map((version) => typeOf('app', version)).concat(typeOf('other', '9'));
  expect(pickJobType(types, 'app')).toMatchObject({ jobType: { name: 'app', version: '1.10' } });
  expect(pickJobType(types, 'app@1.9')).toMatchObject({ jobType: { name: 'app', version: '1.9' } });
});

test('a job type that is not there is a fault that says what is', () => {
  const types = [typeOf('app', '1.9'), typeOf('app', '1.10'), typeOf('other', '0')];
  expect(pickJobType(types, 'ap')).toEqual({
    kind: 'fault',
    message: 'no job type named "ap"',
    remedy: 'write one of: app, other',
  });
  expect(pickJobType(types, 'app@1')).toMatchObject({
    message: 'job type app has no version "1"',
    remedy: 'there is 1.10, 1.9',
  });
  expect(pickJobType([], 'app')).toMatchObject({ remedy: 'register it by a file in job-types' });
});

test('a job type registered twice in the same version is a fault, unless another version is meant', () => {
  const types = [typeOf('app', '1'), typeOf('app', '1'), typeOf('app', '0')];
  expect(pickJobType(types, 'app')).toMatchObject({
    kind: 'fault',
    message: 'job type app@1 is registered by two files',
  });
  expect(pickJobType(types, 'app@0')).toMatchObject({ kind: 'job-type' });
});

test('names of fields are lower-cased, but variables keep their case', () => {
  expect(['Target', 'ENV.Path', 'Secret.Key', 'environment'].map(fieldNameFromText)).toEqual([
    'target',
    'env.Path',
    'secret.Key',
    'environment',
  ]);
});

test('a template is text and slots, and doubled braces are braces', () => {
  expect(partsFromTemplate('--x={A.b}{{y}}{{{c}}}')).toEqual({
    kind: 'parts',
    parts: [
      { kind: 'text', text: '--x=' },
      { kind: 'slot', field: 'a.b' },
      { kind: 'text', text: '{' },
      { kind: 'text', text: 'y' },
      { kind: 'text', text: '}' },
      { kind: 'text', text: '{' },
      { kind: 'slot', field: 'c' },
      { kind: 'text', text: '}' },
    ],
  });
  for (const bad of ['{', '}', 'a}b', '{a b}', '{}', '{{}']) expect(partsFromTemplate(bad).kind).toBe('fault');
});
