import { afterEach, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../src/system/clock.ts';
import { eventually } from '../support/eventually.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

afterEach(() => {
  vi.useRealTimers();
});

describe('nowMicros', () => {
  it('is strictly increasing, however fast it is asked', () => {
    const micros = Array.from({ length: 200_000 }, () => realClock.nowMicros());
    expect(micros.every(Number.isInteger)).toBe(true);
    expect(micros.filter((at, index) => index > 0 && at <= (micros[index - 1] ?? 0))).toEqual([]);
  });

  it('lies within the millisecond that now() tells', async () => {
    // A burst, as in the test before, runs ahead of the wall clock.
    await eventually(() => realClock.nowMicros() <= realClock.now() * 1000, { what: 'the wall clock had caught up' });
    let inside = 0;
    for (let count = 0; count < 1000; count++) {
      // Asked more than once a microsecond it runs ahead.
      const at = performance.now();
      while (performance.now() - at < 0.003);
      const before = realClock.now();
      const micros = realClock.nowMicros();
      const after = realClock.now();
      if (micros >= before * 1000 && micros <= after * 1000 + 999) inside += 1;
    }
    expect(inside).toBeGreaterThan(990);
  });

  it('tells how far the millisecond has gone', () => {
    const parts: number[] = [];
    for (let count = 0; count < 100; count++) {
      const micros = realClock.nowMicros();
      const at = performance.now();
      while (performance.now() - at < 0.3);
      const later = realClock.nowMicros();
      if (Math.floor(later / 1000) === Math.floor(micros / 1000)) parts.push(later - micros);
    }
    expect(parts.length).toBeGreaterThan(0);
    expect(parts.filter((micros) => micros < 250)).toEqual([]);
  });

  it('tells the true microsecond at its first call in a millisecond too, so that two processes do not give one stamp', () => {
    const parts: number[] = [];
    for (let count = 0; count < 200; count++) {
      const until = performance.now() + 1.1 + (count % 10) / 10;
      while (performance.now() < until);
      parts.push(realClock.nowMicros() % 1000);
    }
    expect(parts.filter((micros) => micros > 200).length).toBeGreaterThan(80);
  });

  it('goes on increasing when the wall clock is set back by a little, and follows it when by an hour', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const start = Date.now() + dayMs;
    vi.setSystemTime(start);
    const first = realClock.nowMicros();
    vi.setSystemTime(start - 300);
    const second = realClock.nowMicros();
    expect(second).toBe(first + 1);
    vi.setSystemTime(start - hourMs);
    expect(Math.floor(realClock.nowMicros() / 1000)).toBe(start - hourMs);
  });
});

describe('after', () => {
  it('calls once, not before its time', async () => {
    const startedAt = performance.now();
    const calls: number[] = [];
    realClock.after(30, () => calls.push(performance.now()));
    await eventually(() => calls.length > 0, { what: 'the timer fired' });
    expect(calls).toHaveLength(1);
    expect((calls[0] ?? 0) - startedAt).toBeGreaterThan(28);
  });

  it('is not called when cancelled, and cancelling twice is no harm', async () => {
    let calls = 0;
    let isLater = false;
    const cancel = realClock.after(10, () => (calls += 1));
    cancel();
    cancel();
    realClock.after(30, () => (isLater = true));
    await eventually(() => isLater, { what: 'a later timer fired' });
    expect(calls).toBe(0);
  });

  it('keeps a time longer than setTimeout can count to', () => {
    vi.useFakeTimers();
    let calls = 0;
    realClock.after(60 * dayMs, () => (calls += 1));
    vi.advanceTimersByTime(60 * dayMs - 1);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls).toBe(1);
  });

  it('can be cancelled after it was armed anew', () => {
    vi.useFakeTimers();
    let calls = 0;
    const cancel = realClock.after(60 * dayMs, () => (calls += 1));
    vi.advanceTimersByTime(40 * dayMs);
    cancel();
    vi.advanceTimersByTime(40 * dayMs);
    expect(calls).toBe(0);
  });
});
