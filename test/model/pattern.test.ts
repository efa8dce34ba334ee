import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patternFromText } from '../../src/model/pattern.ts';

function matches(pattern: string, text: string): boolean {
  const parsed = patternFromText(pattern);
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.matches(text);
}

test('a pattern is matched against the whole text', () => {
  expect(matches('b', 'abc')).toBe(false);
  expect(matches('a|b', 'ab')).toBe(false);
  expect(matches('^[a-z]+$', 'abc')).toBe(true);
  expect(matches('', '')).toBe(true);
  expect(matches('', 'a')).toBe(false);
});

test('a pattern that makes other matchers explode is answered at once', () => {
  const startedAt = performance.now();
  const text = 'a'.repeat(4095) + '!';
  for (const pattern of ['(a+)+', '(a|a)*', '(a*)*b', '(a|aa)+', 'a*a*a*a*a*a*b', '(.*.*.*)x', '(a?){200}a{200}b']) {
    expect(matches(pattern, text)).toBe(false);
  }
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('what such a matcher cannot do is refused', () => {
  for (const pattern of ['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '(?<x>a)\\k<x>', 'a\\b', '\\ud83d\\ude00']) {
    expect(patternFromText(pattern)).toMatchObject({
      kind: 'fault',
      message: expect.stringContaining('not supported'),
    });
  }
  expect(patternFromText('((a{99}){99}){99}')).toMatchObject({ message: 'its repeats multiply to too much' });
  for (const pattern of ['((){9999999}){9999999}', 'a{9999999999}', '(a{0,9999999})*']) {
    expect(patternFromText(pattern)).toMatchObject({ message: 'its repeats multiply to too much' });
  }
  expect(patternFromText('a'.repeat(1001))).toMatchObject({ message: 'it is longer than 1000 characters' });
  expect(patternFromText('(')).toMatchObject({ message: 'unterminated group' });
  expect(patternFromText('[b-a]')).toMatchObject({ kind: 'fault' });
});

test('a deeply nested pattern is answered, whatever the answer', () => {
  expect(matches('('.repeat(200) + 'a' + ')*'.repeat(200), 'aaa')).toBe(true);
});

const atoms = fc.constantFrom(
  'a',
  'b',
  '-',
  '.',
  '\\d',
  '\\w',
  '[ab]',
  '[^a]',
  '[\\]a-]',
  '\\.',
  '\\x61',
  '\\u0062',
  '\\u{63}',
  '\\p{L}',
  'ä',
  '😀',
  '^',
  '$',
);
const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { withCrossShrink: true },
    atoms,
    fc.tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
    fc
      .tuple(
        fc.oneof(
          atoms.filter((atom) => !/^[\^$]$/.test(atom)),
          tie('pattern').map((inner) => `(?:${inner})`),
        ),
        fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,}', '{0,2}', '{1,2}?', '{0}'),
      )
      .map(([inner, quantifier]) => inner + quantifier),
  ),
  pattern: fc.oneof(
    fc.array(tie('piece'), { maxLength: 3 }).map((pieces) => pieces.join('')),
    fc.tuple(tie('piece'), tie('piece')).map(([left, right]) => `${left}|${right}`),
  ),
}));

test('a pattern means what it means to RegExp', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '-', '.', '1', 'ä', '😀', ']', '_'), { maxLength: 6 })
    .map((chars) => chars.join(''));
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      let expected: RegExp;
      try {
        expected = new RegExp(`^(?:${source})$`, 'su');
      } catch {
        return; // Two groups of the same name.
      }
      expect(matches(source, subject)).toBe(expected.test(subject));
    }),
    { numRuns: 3000 },
  );
});
