import { expect, it } from 'vitest';
import { progressFromText } from '../../src/format/progress-text.ts';

it.each([
  ['40\n', { percent: 40 }],
  ['0\n', { percent: 0 }],
  ['100\n', { percent: 100 }],
  ['12.625   of  3 GB', { percent: 12.625, note: 'of  3 GB' }],
  ['7\n\r\n\nlinking', { percent: 7, note: 'linking' }],
  ['40 halfway there\n', { percent: 40, note: 'halfway there' }],
  ['12.5%\tof 3 GB', { percent: 12.5, note: 'of 3 GB' }],
  ['70\nlinking', { percent: 70, note: 'linking' }],
  ['10 a\n20 b\r\n30 c\n\n', { percent: 30, note: 'c' }],
  ['counting\n', { note: 'counting' }],
  ['101 dalmatians', { note: '101 dalmatians' }],
  ['-3', { note: '-3' }],
  ['50 \x1b[31mred', { percent: 50, note: '\\x1b[31mred' }],
  ['', undefined],
  [' \n\n', undefined],
])('SJQ_PROGRESS with %j says %j', (text, said) => {
  expect(progressFromText(text)).toEqual(said);
});

it('a note is cut short', () => {
  expect(progressFromText(`1 ${'x'.repeat(4000)}`)?.note).toHaveLength(200);
});
