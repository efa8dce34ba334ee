import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { howto, linesFromMessages } from '../../src/format/message-lines.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import { messageTable } from '../../src/model/message.ts';
import { bytes } from '../support/builders.ts';

describe('the lines of a message file', () => {
  it('are messages but for blank lines and comments', () => {
    const text = bytes('PAUSE\n\n  \t\n# comment\n   # another\r\nKILL JOB é\r\n');
    expect(linesFromMessages(text, 100, false)).toEqual([
      { text: 'PAUSE', endOffset: 106, isMessage: true },
      { text: '', endOffset: 107, isMessage: false },
      { text: '  \t', endOffset: 111, isMessage: false },
      { text: '# comment', endOffset: 121, isMessage: false },
      { text: '   # another', endOffset: 135, isMessage: false },
      { text: bytes('KILL JOB é'), endOffset: 148, isMessage: true },
    ]);
  });

  it('begin with a blank one where the file does', () => {
    expect(linesFromMessages('\nPAUSE\n' as Bytes, 0, false).map(({ endOffset }) => endOffset)).toEqual([1, 7]);
    expect(linesFromMessages('\nPAUSE' as Bytes, 0, true).map(({ endOffset }) => endOffset)).toEqual([1, 6]);
  });

  it('leave out what is not finished, unless it is taken as it is', () => {
    expect(linesFromMessages(bytes('PAUSE\nRESU'), 0, false).map(({ text }) => text)).toEqual(['PAUSE']);
    expect(linesFromMessages(bytes('PAUSE\nRESU'), 0, true)).toContainEqual({
      text: 'RESU',
      endOffset: 10,
      isMessage: true,
    });
    expect(linesFromMessages(bytes('PAUSE\n'), 0, true)).toHaveLength(1);
    expect(linesFromMessages('' as Bytes, 0, true)).toEqual([]);
  });

  it('put together are the file, and their offsets follow on each other', () => {
    const anyText = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array).toString('latin1') as Bytes);
    const someText = fc.array(fc.constantFrom('\n', '\r', '#', ' ', 'A')).map((chars) => chars.join('') as Bytes);
    fc.assert(
      fc.property(fc.oneof(anyText, someText), fc.nat(), (text, offset) => {
        let end = offset;
        for (const line of linesFromMessages(text, offset, true)) {
          const raw = text.slice(end - offset, line.endOffset - offset);
          expect(raw.replace(/\n$/, '').replace(/\r$/, '')).toBe(line.text);
          end = line.endOffset;
        }
        expect(end).toBe(offset + text.length);
      }),
    );
  });
});

it('the HOWTO of a new message file names every message and holds none', () => {
  const text = howto(messageTable);
  expect(text.split('\n').slice(0, 2)).toEqual([
    '# Append a message here, one a line, for instance: echo STATUS >> monitor_reads',
    '# The answer comes in monitor_says. A message is removed when it was acted upon; comments stay.',
  ]);
  const width = Math.max(...messageTable.map(({ form }) => form.length));
  for (const { form, meaning } of messageTable) {
    expect(text).toContain(bytes(`#   ${form.padEnd(width)}  ${meaning}\n`));
  }
  expect(linesFromMessages(text, 0, true).filter(({ isMessage }) => isMessage)).toEqual([]);
  expect(text.endsWith('\n')).toBe(true);
});
