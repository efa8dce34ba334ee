import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ParentsLine, parentsFromText, textFromParents } from '../../src/format/parents-lines.ts';
import type { Bytes } from '../../src/model/bytes.ts';

const stamp = fc.record({ seconds: fc.nat(2_000_000_000), ordinal: fc.nat(999_999) });
const name = fc
  .string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), minLength: 1 })
  .map((text) => text as Bytes);
const state = fc.constantFrom('waits', 'done', 'bad', 'continued', 'cancelled');
const line = fc.oneof(
  fc.record({ kind: fc.constant('parent'), stamp, name, state }),
  fc.record({ kind: fc.constant('child'), stamp, name, parent: stamp }),
) as fc.Arbitrary<ParentsLine>;

it('property: what was written is read, and behind a piece of it all that follows', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.array(line, { minLength: 1 }), fc.nat(), (first, second, cut) => {
      const text = textFromParents(first);
      expect(parentsFromText(text)).toEqual(first);
      const torn = text.slice(0, cut % (text.length + 1));
      const read = parentsFromText((torn + textFromParents(second)) as Bytes);
      expect(read.slice(-second.length)).toEqual(second);
      expect(read.slice(0, -second.length)).toEqual(first.slice(0, read.length - second.length));
    }),
  );
});

it('what is no such line is passed over', () => {
  const text = '\n\nnull\n[]\n{"parent":"1-1","name":"a","state":"flies"}\n{"child":"x","name":"a"}\n{"parent":"1-1"';
  expect(parentsFromText(text as Bytes)).toEqual([]);
});
