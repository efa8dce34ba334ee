import { expect, it } from 'vitest';
import { runIdOf } from '../../src/model/run.ts';

it('the id of an attempt tells stamp and attempt, ends in six digits of its token, and is a file name', () => {
  const id = runIdOf({ seconds: 1795329066, ordinal: 2 }, 3, '0123456789abcdef');
  expect(id).toBe('1795329066-2.3-012345');
  expect(id).toMatch(/^[\w.-]+$/);
});

it('two attempts of one stamp never share an id', () => {
  const stamp = { seconds: 1, ordinal: 0 };
  expect(runIdOf(stamp, 1, 'aaaaaa')).not.toBe(runIdOf(stamp, 2, 'aaaaaa'));
  expect(runIdOf(stamp, 1, 'aaaaaa')).not.toBe(runIdOf(stamp, 1, 'bbbbbb'));
});
