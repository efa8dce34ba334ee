// Texts with faults in them, as disks, editors and people make them: a good one with a few of its bytes flipped, cut, doubled,
// moved or replaced. Each fault is a small value of its own, so that fast-check can leave out those that do not matter.
import fc from 'fast-check';
import type { Bytes } from '../../src/model/bytes.ts';

/** What may stand anywhere: the words of the formats where they do not belong, and what breaks readers of text. */
const pieces: readonly string[] = [
  ...['\0', '\0'.repeat(512), '\r', '\r\n', '\n', '\n\n\n', '\xef\xbb\xbf', '\xff\xfe', '\xc3', '\xf0\x9f', '\x1b[2J'],
  ...['\xc2\x85', '\xe2\x80\xa8', '\xc2\xa0', '\u007f', '\t', ' ', '"', '\\', '\\x', '{', '}', '[', '&a ', '*a', '#'],
  ...['==== UNIT OF WORK\n', '==== STATUS\n', '==== JOB LOG\n', '====', 'timestamp: 1-1\n', '1795329066\n', ' :: '],
  ...['command :: true\n', 'job :: copy\n', 'priority :: 1e9\n', 'label :: \n', 'env.__proto__ :: x\n', '__proto__'],
  ...['9'.repeat(40), '-0', '1e400', 'NaN', '99999999999999999999', '0x10', ' by=x', 'running #1 ', ' .', '1-200%4'],
];

type Change = readonly [kind: number, at: number, length: number, choice: number];
const change: fc.Arbitrary<Change> = fc.tuple(fc.nat(31), fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff));

/** Gives `samples` and what `others` makes, with up to five changes; half of the changes are near the beginning. */
export function mutated(samples: readonly Bytes[], others: fc.Arbitrary<Bytes>): fc.Arbitrary<Bytes> {
  return fc
    .tuple(fc.oneof(fc.constantFrom(...samples), others), fc.array(change, { maxLength: 5 }))
    .map(([text, changes]) => changes.reduce((changed, each) => withChange(changed, each, samples), text));
}

function withChange(text: Bytes, [kind, where, far, choice]: Change, samples: readonly Bytes[]): Bytes {
  const at = where % ((where & 1 ? Math.min(text.length, 200) : text.length) + 1);
  const to = Math.min(text.length, at + (far % (choice & 1 ? 12 : 200)));
  const sample = samples[choice % samples.length] ?? '';
  const piece = pieces[choice % pieces.length] ?? '';
  const put = (between: string, until = at): Bytes => (text.slice(0, at) + between + text.slice(until)) as Bytes;
  switch (kind) {
    case 0:
    case 1:
      return put(String.fromCharCode(text.charCodeAt(at) ^ (1 << (choice & 7)) || 0), at + 1);
    case 2:
      return put('', to);
    case 3:
      return put(text.slice(at, to));
    case 4:
      return text.slice(0, at) as Bytes;
    case 5:
      return (text + text) as Bytes;
    case 6:
      return (text.slice(0, at) + sample.slice(far % (sample.length + 1))) as Bytes;
    case 7:
      return text.replaceAll('\n', '\r\n') as Bytes;
    case 8:
      return text.replaceAll('\n', '\r') as Bytes;
    case 9:
      return text.replace(/\d+/, '9'.repeat((choice % 30) + 1)) as Bytes;
    case 10:
      return text.split('\n').reverse().join('\n') as Bytes;
    case 11:
      // A head is 64 KiB at most: lines around that and beyond.
      return choice % 64 === 0 ? put(piece.repeat(Math.ceil((60_000 + far / 4) / piece.length))) : put(piece.repeat(9));
    case 12:
      return put('\0'.repeat(to - at), to);
    case 13:
      return put(String.fromCharCode(choice & 255), at + 1);
    default:
      return put(piece, kind & 1 ? to : at);
  }
}
