import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bufferFromBytes,
  bytesFromBuffer,
  bytesFromUtf8,
  isUtf8,
  nameFromShown,
  shownFromName,
  shownFromText,
  shownShort,
  textOfName,
  utf8FromBytes,
} from '../../src/model/bytes.ts';

it('a name that looks like a signature of a message is shown in quotes', () => {
  expect(shownFromName('by=x')).toBe('"by=x"');
  expect(nameFromShown(shownFromName('by=x'))).toBe('by=x');
});

describe('byte strings', () => {
  it('hold one byte in each character', () => {
    expect(bytesFromUtf8('é')).toBe('\xc3\xa9');
    expect(utf8FromBytes('\xc3\xa9')).toBe('é');
    expect([...bufferFromBytes('\x00\xff')]).toEqual([0, 255]);
  });

  it('come back from a buffer as they were, also from a part of a larger one', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        expect(new Uint8Array(bufferFromBytes(bytesFromBuffer(array)))).toEqual(array);
      }),
    );
    expect(bytesFromBuffer(Buffer.from('abcd').subarray(1, 3))).toBe('bc');
  });
});

describe('isUtf8', () => {
  it('tells UTF-8 from other bytes', () => {
    for (const bytes of ['', 'plain', '\0', '\xc3\xa9', '\xef\xbb\xbfx', '\xf0\x9f\x98\x80']) {
      expect(isUtf8(bytes)).toBe(true);
    }
    for (const bytes of ['\xff', 'caf\xe9', '\xc3', '\xc0\xaf', '\xed\xa0\x80', '\xf8\x88\x80\x80\x80']) {
      expect(isUtf8(bytes)).toBe(false);
    }
  });
});

describe('shown names', () => {
  it.each([
    ['backup', 'backup'],
    ['grün-日本.sh~2', 'grün-日本.sh~2'],
    ['two words', '"two words"'],
    ['a"b', '"a\\"b"'],
    ['a\\b', '"a\\\\b"'],
    ['a\nb\tc', '"a\\nb\\tc"'],
    ['\x1b[2J', '"\\x1b[2J"'],
    ['\u202egpj', '"\\xe2\\x80\\xaegpj"'],
    ['no\u00a0break', '"no\\xc2\\xa0break"'],
    ['', '""'],
  ])('%j is shown as %s', (name, shown) => {
    expect(shownFromName(bytesFromUtf8(name))).toBe(shown);
    expect(nameFromShown(shown)).toBe(bytesFromUtf8(name));
  });

  it('show what is not UTF-8 byte by byte', () => {
    expect(shownFromName('caf\xe9')).toBe('"caf\\xe9"');
  });

  it('stand in JSON as they are, if that can be told from an escaped one', () => {
    expect(textOfName('two words\n')).toBe('two words\n');
    expect(textOfName('\xc3\xa9')).toBe('é');
    expect(textOfName('\xe9')).toBe('"\\xe9"');
    expect(nameFromShown(textOfName('"a"'))).toBe('"a"');
  });

  it('come back as the same bytes, whatever they are', () => {
    const nameBytes = fc.uint8Array({ min: 1, maxLength: 60 }).filter((array) => !array.includes(0x2f));
    fc.assert(
      fc.property(
        fc.oneof(
          nameBytes,
          fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
        ),
        (array) => {
          const name = bytesFromBuffer(array);
          const shown = shownFromName(name);
          expect(nameFromShown(shown)).toBe(name);
          expect(nameFromShown(textOfName(name))).toBe(name);
          expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
        },
      ),
    );
  });

  it('are never misread: nameFromShown never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        nameFromShown(text);
        nameFromShown(`"${text}"`);
      }),
    );
    expect(nameFromShown('"open')).toBe('"open');
    expect(nameFromShown('"')).toBe('"');
  });
});

describe('foreign text', () => {
  it('is shown without anything that moves a cursor or begins a line', () => {
    expect(shownFromText('a\nb\tc\x1b[1m\x9b\u2028é')).toBe('a\\nb\\tc\\x1b[1m\\x9b\\x2028é');
  });

  it('is cut in messages', () => {
    expect(shownShort('short')).toBe('short');
    expect(shownShort('x'.repeat(80))).toBe('x'.repeat(80));
    expect(shownShort('x'.repeat(81))).toBe(`${'x'.repeat(79)}…`);
    expect(shownShort('\0'.repeat(500))).toHaveLength(80);
  });
});
