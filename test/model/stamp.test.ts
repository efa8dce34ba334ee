import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStamps, nextStamp, stampFromText, textFromStamp, type Stamp } from '../../src/model/stamp.ts';

const anyStamp: fc.Arbitrary<Stamp> = fc.record({ seconds: fc.nat(999_999_999_999), ordinal: fc.nat(999_999) });

describe('stamps', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(anyStamp, (stamp) => {
        expect(stampFromText(textFromStamp(stamp))).toEqual(stamp);
      }),
    );
  });

  it('may be bare seconds', () => {
    expect(stampFromText('1795329066')).toEqual({ seconds: 1_795_329_066, ordinal: 0 });
  });

  it.each(['', '-1', '1-', '1-2-3', ' 1', '1.5', '1e9', '1795329066123', '1-1234567890', 'x'])('are not %j', (text) => {
    expect(stampFromText(text)).toBeUndefined();
  });

  it('are ordered by second, then by ordinal as a number', () => {
    const stamps = ['9-0', '10-9', '10-10', '10-2'].map((text) => stampFromText(text)!);
    expect(stamps.toSorted(compareStamps).map(textFromStamp)).toEqual(['9-0', '10-2', '10-9', '10-10']);
  });

  it('are microseconds of the clock', () => {
    expect(nextStamp(1_795_329_066_000_002, undefined)).toEqual({ seconds: 1_795_329_066, ordinal: 2 });
  });

  it('never go back and are never the same, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000_000)), (clock) => {
        let last: Stamp | undefined;
        for (const nowMicros of clock) {
          const next = nextStamp(nowMicros, last);
          if (last) expect(compareStamps(last, next)).toBeLessThan(0);
          expect(next.ordinal).toBeLessThan(1_000_000);
          last = next;
        }
      }),
    );
    expect(nextStamp(0, { seconds: 7, ordinal: 999_999 })).toEqual({ seconds: 8, ordinal: 0 });
  });

  it('can be read again, also those of a clock before 1970', () => {
    const stamp = nextStamp(-86_400_000_001, undefined);
    expect(stampFromText(textFromStamp(stamp))).toEqual({ seconds: 0, ordinal: 0 });
  });
});
