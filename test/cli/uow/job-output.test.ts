import { expect, it } from 'vitest';
import { heldTailBytes, separatorBytes } from '../../../src/cli/uow/job-output.ts';

function held(text: string, mayGoOn = false): string {
  const bytes = Buffer.from(text);
  const length = heldTailBytes(bytes, mayGoOn);
  return bytes.subarray(bytes.length - length).toString();
}

it.for([
  ['plain text\n', ''],
  ['', ''],
  ['a\n==== RESULT {"x":1}\n', '\n==== RESULT {"x":1}\n'],
  ['a\n\n==== RESULT 1\n\n==== NOTE TIME me text\n', '\n==== RESULT 1\n\n==== NOTE TIME me text\n'],
  ['a\n==== RESULT {"x', '\n==== RESULT {"x'],
  ['a\n==== RES', '\n==== RES'],
  ['a\n==== RESULT 1\nmore of the job\n', ''],
  ['a\n==== RESULT 1\n\n==== NOTE 2\nmore', ''],
  ['a\n==== RESULT 1\nmore\n==== RESULT 2\n', '\n==== RESULT 2\n'],
  ['a\n==== heading of the job', ''],
  ['a\n==== STATUS\n', ''],
])('of %j the tail %j is held back', ([text = '', tail]) => {
  expect(held(text)).toBe(tail);
});

it.for([
  ['line\n', '\n'],
  ['line\n=', '\n='],
  ['line\n==== ', '\n==== '],
  ['line', ''],
  ['a\n==== RESULT 1\n\n==', '\n==== RESULT 1\n\n=='],
])('of %j, where more may come, the tail %j is held back', ([text = '', tail]) => {
  expect(held(text, true)).toBe(tail);
});

it('a job that prints megabytes of such lines is not held back for ever', () => {
  const text = Buffer.from('\n==== NOTE mine\n'.repeat(100_000));
  expect(heldTailBytes(text, false)).toBeLessThanOrEqual(256 * 1024);
});

it('the line between two attempts is known by its form', () => {
  expect(separatorBytes(Buffer.from('\n==== ATTEMPT 2 2026-11-22T04:31:06Z\nout'))).toBe(37);
  expect(separatorBytes(Buffer.from('out\n==== ATTEMPT 2 2026-11-22T04:31:06Z\n'))).toBe(0);
});
