import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffFromText, isRetriedOn, type Retrying, retryDelayMs, retryOnFromText } from '../../src/model/retry.ts';
import type { StatusReason } from '../../src/model/status.ts';

const hourMs = 3_600_000;

function asked(changed: Partial<Retrying> = {}): Retrying {
  return { made: 0, atMost: 3, delayMs: 60_000, backoff: { kind: 'fixed' }, on: ['error', 'fail'], ...changed };
}

describe('backoffFromText', () => {
  it('takes fixed, and exponential with or without the longest delay', () => {
    expect(backoffFromText('fixed')).toEqual({ kind: 'fixed' });
    expect(backoffFromText('Exponential')).toEqual({ kind: 'exponential', longestMs: 24 * hourMs });
    expect(backoffFromText('exponential  2h')).toEqual({ kind: 'exponential', longestMs: 2 * hourMs });
  });

  it('takes nothing else', () => {
    for (const text of ['', 'linear', 'fixed 2h', 'exponential soon', 'exponential 1h 2h'])
      expect(backoffFromText(text)).toBeUndefined();
  });
});

describe('retryOnFromText', () => {
  it('takes queues, reasons and exit codes, with commas or blanks', () => {
    expect(retryOnFromText('error, timeout exit=75')).toEqual(['error', 'timeout', 'exit=75']);
  });

  it('takes neither what a person ended nor what was interrupted, nor a word that is no end', () => {
    for (const text of ['', ',', 'killed', 'interrupted', 'expired', 'done', 'exit=256', 'exit', 'error, tiemout'])
      expect(retryOnFromText(text)).toBeUndefined();
  });
});

describe('isRetriedOn', () => {
  const on = (words: string, word: 'done' | 'error' | 'fail', reason: StatusReason): boolean =>
    isRetriedOn(retryOnFromText(words) ?? [], { word, reason, flags: [] });

  it('an end by its queue, its reason or its code', () => {
    expect(on('error', 'error', { kind: 'exit', code: 3 })).toBe(true);
    expect(on('error', 'fail', { kind: 'timeout' })).toBe(false);
    expect(on('timeout', 'fail', { kind: 'timeout' })).toBe(true);
    expect(on('exit=75', 'error', { kind: 'exit', code: 75 })).toBe(true);
    expect(on('exit=75', 'error', { kind: 'exit', code: 7 })).toBe(false);
    expect(on('signal', 'fail', { kind: 'signal', signal: 'SEGV' })).toBe(true);
  });

  it('never what a person ended, what nobody saw the end of, and what went well', () => {
    expect(on('fail', 'fail', { kind: 'killed' })).toBe(false);
    expect(on('fail', 'fail', { kind: 'interrupted' })).toBe(false);
    expect(on('error exit=0', 'done', { kind: 'exit', code: 0 })).toBe(false);
  });
});

describe('retryDelayMs', () => {
  it('a fixed delay is the same each time', () => {
    expect([1, 2, 9].map((number) => retryDelayMs(asked(), number, 'x'))).toEqual([60_000, 60_000, 60_000]);
  });

  it('an exponential one doubles up to its longest, never less and at most a quarter more, the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: hourMs }),
        fc.string(),
        (n, delayMs, seed) => {
          const of = asked({ delayMs, backoff: { kind: 'exponential', longestMs: 24 * hourMs } });
          const plain = Math.min(delayMs * 2 ** (n - 1), 24 * hourMs);
          const delay = retryDelayMs(of, n, seed);
          expect(delay).toBeGreaterThanOrEqual(plain);
          expect(delay).toBeLessThanOrEqual(plain * 1.25);
          expect(delay).toBe(retryDelayMs(of, n, seed));
        },
      ),
    );
  });

  it('a delay that is longer than the longest is kept', () => {
    const of = asked({ delayMs: 3 * hourMs, backoff: { kind: 'exponential', longestMs: hourMs } });
    expect(retryDelayMs(of, 5, 'x')).toBeGreaterThanOrEqual(3 * hourMs);
  });
});
