import { describe, expect, it } from 'vitest';
import { attemptSeparator, noteLine, resultLine } from '../../src/format/separators.ts';
import { bytesFromUtf8 } from '../../src/model/bytes.ts';

const at = Date.UTC(2026, 10, 22, 4, 31, 6, 789);

describe('the lines behind the log', () => {
  it('name an attempt and when it began', () => {
    expect(attemptSeparator(2, at)).toBe('\n==== ATTEMPT 2 2026-11-22T04:31:06Z\n');
  });

  it('hold a result on one line, its strings untouched', () => {
    expect(resultLine(' {"a":\r\n\t3}\n')).toBe('\n==== RESULT {"a": 3}\n');
    expect(resultLine('{"rows": 3}')).toBe('\n==== RESULT {"rows": 3}\n');
    const json = JSON.stringify({ text: 'a\nb  c', list: [1, 'ü'] }, null, 2);
    const line = resultLine(`${json}\n`);
    expect(line.split('\n')).toHaveLength(3);
    expect(JSON.parse(line.slice('\n==== RESULT '.length))).toEqual(
      JSON.parse(bytesFromUtf8(JSON.stringify({ text: 'a\nb  c', list: [1, 'ü'] }))),
    );
  });

  it('hold a result whose strings move no cursor and say the same', () => {
    const result = { text: 'a\u009b2Jb\u2028c\u007f' };
    const line = resultLine(JSON.stringify(result));
    expect(line).toBe('\n==== RESULT {"text":"a\\u009b2Jb\\u2028c\\u007f"}\n');
    expect(JSON.parse(line.slice('\n==== RESULT '.length))).toEqual(result);
  });

  it('hold a note, in which foreign text can neither begin a line nor move a cursor', () => {
    expect(noteLine(at, 'ann', 'disk replaced, grüße')).toBe(
      bytesFromUtf8('\n==== NOTE 2026-11-22T04:31:06Z ann disk replaced, grüße\n'),
    );
    expect(noteLine(at, 'ann', '  moved \n')).toBe('\n==== NOTE 2026-11-22T04:31:06Z ann moved\n');
    expect(noteLine(at, 'ann b', 'a\n==== RESULT {}\x1b[2J')).toBe(
      '\n==== NOTE 2026-11-22T04:31:06Z "ann b" a\\n==== RESULT {}\\x1b[2J\n',
    );
  });
});
