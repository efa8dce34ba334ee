import { describe, expect, it } from 'vitest';
import { Header } from '../../src/model/header.ts';
import { namesFromText, parentsNamed } from '../../src/model/parents.ts';

describe('the names in after', () => {
  it('are separated by blanks or commas, and odd ones stand in quotes', () => {
    expect(namesFromText('a b,c , "d e",f~2')).toEqual(['a', 'b', 'c', 'd e', 'f~2']);
    expect(namesFromText(' "a \\"b\\\\", c')).toEqual(['a "b\\', 'c']);
  });

  it.each(['', ' ', ',', '"', '"a', '"a"b', 'a"b"', 'a/b', '..', '.', 'x'.repeat(256), '""'])('are not %j', (text) => {
    expect(namesFromText(text)).toBeUndefined();
  });

  it('come from all lines of the three fields, each once', () => {
    const line = (name: string, content: string): { name: string; content: string; line: number } => ({
      name,
      content,
      line: 1,
    });
    const header = new Header([
      line('after', 'a, b'),
      line('after', 'a'),
      line('after-any', 'a'),
      line('after-not-ok', 'c'),
    ]);
    expect(parentsNamed(header)).toEqual([
      { name: 'a', wanted: 'done' },
      { name: 'b', wanted: 'done' },
      { name: 'a', wanted: 'ended' },
      { name: 'c', wanted: 'not-ok' },
    ]);
  });
});
