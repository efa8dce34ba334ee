import { expect, test } from 'vitest';
import { sizeBytesFromText } from '../../src/model/size.ts';

test.for([
  ['4096', 4096],
  ['500MB', 500_000_000],
  ['500 mb', 500_000_000],
  ['2GiB', 2_147_483_648],
  ['1.5kB', 1500],
  ['0', 0],
  ['12B', 12],
  ['3TB', 3e12],
  ['512M', 536_870_912],
  ['2g', 2_147_483_648],
] as const)('%s is %d bytes', ([text, sizeBytes]) => {
  expect(sizeBytesFromText(text)).toBe(sizeBytes);
});

test.for(['', 'MB', '5 M iB', '5iB', '-1', '1e3', '5 MB 3', '99999999TB'])('"%s" is no size', (text) => {
  expect(sizeBytesFromText(text)).toBeUndefined();
});
