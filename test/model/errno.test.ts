import { expect, it } from 'vitest';
import { errnoOf, errorFromErrno } from '../../src/model/errno.ts';

/** As Node throws what libuv has no name for. */
const quota = Object.assign(new Error('Unknown system error -122: Unknown system error -122, write'), {
  errno: -122,
  code: 'Unknown system error -122',
  syscall: 'write',
});

it('a disk quota that is used up, which libuv has no name for, is told by its number and is no bug', () => {
  expect(errnoOf(quota)).toBe('EDQUOT');
  expect(errorFromErrno(errnoOf(quota), 'wait-q', quota)?.message).toContain('the disk quota is used up');
});

it('an error without a code is no refusal of the system', () => {
  expect(errnoOf(new Error('ENOENT'))).toBeUndefined();
  expect(errorFromErrno(undefined, 'wait-q', new Error('x'))).toBeUndefined();
});
