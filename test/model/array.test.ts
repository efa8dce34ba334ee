import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayFromText, arrayLimitOf, isNewArray } from '../../src/model/array.ts';
import { aHead, aStatus } from '../support/builders.ts';

const names = (content: string): readonly string[] | undefined => arrayFromText(content)?.items.map(({ name }) => name);

describe('array', () => {
  it('is numbers and ranges, or words, with how many at once behind them', () => {
    expect(arrayFromText('2-4%2')).toEqual({
      items: [2, 3, 4].map((index) => ({ name: String(index), index })),
      atMost: 2,
    });
    expect(names('1, 5,10-12 % 4')).toEqual(['1', '5', '10', '11', '12']);
    expect(names('007')).toEqual(['7']);
    expect(arrayFromText('red, green %1')).toEqual({
      items: [
        { name: 'red', index: 1, value: 'red' },
        { name: 'green', index: 2, value: 'green' },
      ],
      atMost: 1,
    });
    expect(names('1 two')).toEqual(['1', 'two']);
  });

  it('is nothing else: not empty, backwards, twice the same, more than 1000, no name that the monitor never looks at', () => {
    for (const content of [
      '',
      '%4',
      '3-1',
      '1,1',
      '1-3,2',
      '1-1001',
      '1-3%0',
      '1%2%3',
      'a/b',
      '.a',
      'a.tmp',
      'tmp',
      'a~2',
    ])
      expect(arrayFromText(content), content).toBeUndefined();
    expect(names('0-999')).toHaveLength(1000);
  });

  it('has each index and each name once, and says its limit without its items', () => {
    const range = fc.tuple(fc.nat(300), fc.nat(40)).map(([from, more]) => `${from}-${from + more}`);
    const most = fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), most, (ranges, atMost) => {
        const content = `${ranges.join(', ')}${atMost === undefined ? '' : `%${atMost}`}`;
        const spec = arrayFromText(content);
        expect(arrayLimitOf(content)).toBe(atMost);
        if (!spec) return;
        expect(spec.atMost).toBe(atMost);
        expect(new Set(spec.items.map(({ index }) => index)).size).toBe(spec.items.length);
        expect(new Set(spec.items.map(({ name }) => name)).size).toBe(spec.items.length);
      }),
    );
  });

  it('is to be made of what was dropped, not of one of its own, nor of what ran before a monitor knew it', () => {
    const head = aHead({ header: [{ name: 'array', content: '1-3', line: 2 }] });
    expect(isNewArray(head)).toBe(true);
    expect(isNewArray({ ...head, status: aStatus('waiting') })).toBe(true);
    expect(isNewArray({ ...head, status: aStatus('done', { attempt: 1 }) })).toBe(false);
    expect(isNewArray(aHead({ header: [...head.header, { name: 'array-index', content: '1', line: 3 }] }))).toBe(false);
    expect(isNewArray(aHead())).toBe(false);
  });
});
