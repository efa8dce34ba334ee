import { describe, expect, it } from 'vitest';
import { hasEnded, nextAttempt, type Status } from '../../src/model/status.ts';

const status = (word: Status['word'], attempt: number, ...flags: Status['flags']): Status => ({
  word,
  attempt,
  flags,
  at: 0,
});

describe('a status', () => {
  it('counts attempts so that no number is used twice', () => {
    expect(nextAttempt(undefined)).toBe(1);
    expect(nextAttempt(status('waiting', 0))).toBe(1);
    expect(nextAttempt(status('waiting', 2, 'held'))).toBe(3);
    expect(nextAttempt(status('waiting', 2, 'retry'))).toBe(2);
    expect(nextAttempt(status('running', 1))).toBe(2);
    expect(nextAttempt(status('fail', 1))).toBe(2);
  });

  it('has ended unless it waits or runs', () => {
    expect((['waiting', 'running'] as const).map((word) => hasEnded(status(word, 1)))).toEqual([false, false]);
    expect(
      (['done', 'error', 'fail', 'skipped', 'cancelled'] as const).every((word) => hasEnded(status(word, 1))),
    ).toBe(true);
  });
});
