// Any text at all for properties: every code point, lone surrogates and controls too.
import fc from 'fast-check';

/** Like fast-check's `unit: 'binary'`, which takes seconds to set up. */
export function anyText(maxLength: number = 30): fc.Arbitrary<string> {
  const codePoint = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }));
  return fc.array(codePoint, { maxLength }).map((points) => String.fromCodePoint(...points));
}
