import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headLines } from '../../src/format/head-lines.ts';
import { statusFromText, statusLineFromStatus } from '../../src/format/status-line.ts';
import { canHoldStatus, fieldAdded, fieldEdited, stampedUow } from '../../src/format/uow-edit.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { bytesFromUtf8, type Bytes } from '../../src/model/bytes.ts';
import { textFromProblem } from '../../src/model/errors.ts';
import type { Status } from '../../src/model/status.ts';
import { headLimitBytes, type HeaderLine, type UowHead } from '../../src/model/uow.ts';
import { anyUow, shortStatus } from './arbitrary.ts';

const stamp = { seconds: 1_795_329_066, ordinal: 2 };
const status: Status = { word: 'waiting', flags: [], attempt: 0, at: Date.UTC(2026, 10, 22, 4, 31, 6) };
const statusLine = statusLineFromStatus(status, '\n');
const uow = '==== UNIT OF WORK\ncommand :: true\n';

function headOf(bytes: string): UowHead {
  const result = parseUow(bytes as Bytes);
  if (result.kind === 'invalid') throw new Error(result.problems.map(textFromProblem).join('\n'));
  return result.head;
}

function stamped(bytes: string, event = 'enqueued'): Bytes {
  return stampedUow(bytes as Bytes, headOf(bytes), { stamp, event, status });
}

function edited(bytes: string, name: string, content: string): string {
  return fieldEdited(bytes as Bytes, headOf(bytes), name, content);
}

function withoutLines(header: readonly HeaderLine[]): readonly unknown[] {
  return header.map(({ name, content }) => ({ name, content }));
}

/** The lines that no edit may touch, with their line ends: all but the stamp, the status, blank ones and `added`. */
function keptLines(bytes: Bytes, isStamped: boolean, added: RegExp): readonly string[] {
  return headLines(bytes)
    .filter((line) => line.kind !== 'blank' && !(line.kind === 'content' && line.section === 'status'))
    .filter((line) => !(isStamped && line.number === 1))
    .map((line) => bytes.slice(line.start, line.next).replace(/\r?\n$/, ''))
    .filter((line) => !added.test(line));
}

describe('stampedUow', () => {
  it('puts the stamp, STATUS and JOB LOG into what a person wrote', () => {
    expect(stamped(uow)).toBe(
      `timestamp: 1795329066-2 enqueued\n\n${uow}\n==== STATUS\n\n${statusLine}\n==== JOB LOG\n\n`,
    );
    expect(stamped(uow.slice(0, -1))).toBe(stamped(uow));
  });

  it('replaces a stamp and a status in their places', () => {
    const bytes = stamped(uow);
    const other: Status = { ...status, word: 'running', attempt: 1 };
    const again = stampedUow(bytes, headOf(bytes), { stamp: { seconds: 7, ordinal: 0 }, event: '', status: other });
    expect(again).toBe(
      bytes
        .replace('timestamp: 1795329066-2 enqueued', 'timestamp: 7-0')
        .replace(statusLine, statusLineFromStatus(other, '\n')),
    );
  });

  it('changes nothing if nothing is new', () => {
    fc.assert(
      fc.property(anyUow, ({ head }) => {
        const once = stamped(head);
        expect(stamped(once)).toBe(once);
      }),
    );
  });

  it('replaces a bare stamp by the full line', () => {
    expect(stamped(`1795320000\n${uow}`).split('\n').slice(0, 2)).toEqual([
      'timestamp: 1795329066-2 enqueued',
      '==== UNIT OF WORK',
    ]);
  });

  it('puts the status below an empty STATUS title, with or without a blank line there', () => {
    const tail = '==== JOB LOG\n';
    const expected = `==== STATUS\n\n${statusLine}\n${tail}`;
    for (const between of ['==== STATUS\n', '==== STATUS\n\n', '==== STATUS\n\n\n']) {
      expect(stamped(`${uow}${between}${tail}`).endsWith(expected)).toBe(true);
    }
  });

  it('completes a JOB LOG title that lacks its newline', () => {
    expect(stamped(`${uow}\n==== job log`).endsWith(`${statusLine}\n==== job log\n\n`)).toBe(true);
  });

  it('keeps the BOM before the stamp, and CRLF', () => {
    const bytes = stamped('\xef\xbb\xbf==== UNIT OF WORK\r\ncommand :: true\r\n');
    expect(bytes.startsWith('\xef\xbb\xbftimestamp: 1795329066-2 enqueued\r\n\r\n====')).toBe(true);
    expect(bytes).not.toMatch(/[^\r]\n/);
    expect(headOf(bytes).layout.status?.length).toBe(62);
  });

  it('keeps the STATUS line inside one block of 512 bytes, wherever it comes to stand', () => {
    for (const eol of ['\n', '\r\n']) {
      for (let length = 0; length < 1100; length++) {
        const bytes = stamped(`==== UNIT OF WORK${eol}command :: true${eol}#${'-'.repeat(length)}${eol}`);
        const { layout } = headOf(bytes);
        const offset = layout.status?.offset ?? 0;
        expect(Math.floor(offset / 512)).toBe(Math.floor((offset + 63) / 512));
        expect(canHoldStatus(layout)).toBe(true);
      }
    }
  });

  it('writes an event that cannot forge a line, cut the stamp or break a character', () => {
    for (const [event, read] of [
      ['moved\n==== JOB LOG', 'moved\\n==== JOB LOG'],
      ['  voilà ', 'voilà'],
      ['x'.repeat(1000), 'x'.repeat(200)],
      ['', ''],
    ] as const) {
      const head = headOf(stamped(uow, event));
      expect(head).toMatchObject({ stamp, event: read, status });
      expect(withoutLines(head.header)).toEqual([{ name: 'command', content: 'true' }]);
    }
  });

  it('makes a valid UOW even of one at the limit', () => {
    for (const eol of ['\n', '\r\n']) {
      const start = `==== UNIT OF WORK${eol}command :: true${eol}#`;
      const bytes = start.padEnd(headLimitBytes - eol.length, '-') + eol;
      const once = stamped(bytes, 'x'.repeat(500));
      expect(canHoldStatus(headOf(once).layout)).toBe(true);
      expect(canHoldStatus(headOf(stamped(once)).layout)).toBe(true);
    }
  });

  it('gives a head that says the same, with this stamp and status, whatever its shape', () => {
    fc.assert(
      fc.property(anyUow, shortStatus, ({ head }, newStatus) => {
        const before = headOf(head);
        const bytes = stampedUow(head, before, { stamp, event: 'enqueued', status: newStatus });
        const after = headOf(bytes);
        expect(after).toMatchObject({ stamp, event: 'enqueued', status: newStatus });
        expect(withoutLines(after.header)).toEqual(withoutLines(before.header));
        const { eol, hasBom, logOffset } = after.layout;
        expect({ eol, hasBom }).toEqual({ eol: before.layout.eol, hasBom: before.layout.hasBom });
        expect(logOffset).toBeGreaterThan(bytes.length - 6);
        expect(after.layout.status).toEqual({
          offset: bytes.indexOf(statusLineFromStatus(newStatus, eol)),
          length: 64 - eol.length,
        });
        expect(canHoldStatus(after.layout)).toBe(true);
      }),
    );
  });

  it('leaves all other bytes alone: comments, unknown fields, their order and their blanks', () => {
    fc.assert(
      fc.property(anyUow, ({ head }) => {
        const before = headOf(head);
        const bytes = stamped(head);
        const added = /^==== (STATUS|JOB LOG)$/;
        expect(keptLines(bytes, true, added)).toEqual(keptLines(head, before.stamp !== undefined, added));
        const blanks = (lines: ReturnType<typeof headLines>): number =>
          lines.filter((line) => line.kind === 'blank').length;
        expect(blanks(headLines(bytes))).toBeGreaterThanOrEqual(blanks(headLines(head)));
        expect(bytes.length).toBeLessThan(head.length + 400);
      }),
    );
  });

  it('changes no byte of a complete head but the two lines', () => {
    fc.assert(
      fc.property(anyUow, shortStatus, ({ head }, newStatus) => {
        const once = stamped(head);
        const eol = headOf(once).layout.eol;
        const twice = stampedUow(once, headOf(once), { stamp, event: 'enqueued', status: newStatus });
        const offset = headOf(once).layout.status?.offset ?? 0;
        const line = statusLineFromStatus(newStatus, eol);
        expect(twice).toBe(once.slice(0, offset) + line + once.slice(offset + 64));
      }),
    );
  });
});

describe('canHoldStatus', () => {
  const can = (bytes: string): boolean => canHoldStatus(headOf(bytes).layout);
  const log = '\n==== JOB LOG\n';

  it('is true for a padded line in one block with a log behind it', () => {
    expect(can(`${uow}==== STATUS\n${statusLine}${log}`)).toBe(true);
    expect(can(`# a\r\n${uow}==== STATUS\n${statusLineFromStatus(status, '\r\n')}${log}`)).toBe(true);
  });

  it('is false without a STATUS line, a padded one, or a log', () => {
    expect(can(uow)).toBe(false);
    expect(can(`${uow}==== STATUS\n${log}`)).toBe(false);
    expect(can(`${uow}==== STATUS\n${statusLine.trimEnd()}\n${log}`)).toBe(false);
    expect(can(`${uow}==== STATUS\n${statusLine.trimEnd().padEnd(64)}\n${log}`)).toBe(false);
    expect(can(`${uow}==== STATUS\n${statusLine}`)).toBe(false);
  });

  it('is false where writing in place would run into the next line', () => {
    expect(can(`# a\r\n${uow}==== STATUS\n${statusLine.trimEnd().padEnd(62)}\n${log}`)).toBe(false);
  });

  it('is false across a block boundary', () => {
    const at = (offset: number): string => {
      const title = '\n==== STATUS\n';
      return `${`${uow}#`.padEnd(offset - title.length, '-')}${title}${statusLine}${log}`;
    };
    expect(can(at(448))).toBe(true);
    expect(can(at(449))).toBe(false);
    expect(can(at(511))).toBe(false);
    expect(can(at(512))).toBe(true);
  });
});

describe('fieldEdited', () => {
  it('replaces the content and leaves the rest of the line as it was', () => {
    expect(edited(`${uow}  Priority\t::   5  \r\nlabel :: x\n`, 'priority', '12')).toBe(
      `${uow}  Priority\t::   12  \r\nlabel :: x\n`,
    );
    expect(edited(`${uow}env.A :: x :: y`, 'env.A', 'z')).toBe(`${uow}env.A :: z`);
  });

  it('replaces the last of repeated lines, which is the one that counts', () => {
    expect(edited(`${uow}label :: a\nlabel :: b\n`, 'label', 'c')).toBe(`${uow}label :: a\nlabel :: c\n`);
  });

  it('knows a variable by its case', () => {
    expect(edited(`${uow}ENV.a :: 1\nenv.A :: 2\n`, 'env.a', '3')).toBe(`${uow}ENV.a :: 3\nenv.A :: 2\n`);
  });

  it('puts a new line behind the last field', () => {
    expect(edited(`${uow}\n# end\n==== STATUS\n`, 'priority', '5')).toBe(`${uow}priority :: 5\n\n# end\n==== STATUS\n`);
    expect(edited(uow.slice(0, -1), 'label', 'grün')).toBe(bytesFromUtf8(`${uow}label :: grün\n`));
    expect(edited(uow.replaceAll('\n', '\r\n'), 'priority', '5')).toBe(
      `${uow}priority :: 5\n`.replaceAll('\n', '\r\n'),
    );
  });

  it('keeps the STATUS line inside its block', () => {
    for (let length = 0; length < 600; length++) {
      const bytes = edited(stamped(`${uow}label :: x\n`), 'label', `x${'-'.repeat(length)}`);
      expect(canHoldStatus(headOf(bytes).layout)).toBe(true);
    }
  });

  it('does not write what would be more than one header line', () => {
    expect(() => edited(uow, 'priority', '5\ncommand :: rm')).toThrow(/a field is one line/);
    for (const name of ['', 'a b', 'a:b', '#a', '==== STATUS', 'a\nb']) {
      expect(() => edited(uow, name, 'x')).toThrow(/a field is one line/);
    }
  });

  it('is read back, and changes no other line', () => {
    const content = fc.string({ unit: 'grapheme', maxLength: 600 }).map((each) => `x${each.replace(/[\r\n\0]/g, '')}x`);
    fc.assert(
      fc.property(anyUow, fc.constantFrom('customer', 'env.Path', 'label', 'new'), content, ({ head }, name, text) => {
        const before = headOf(head);
        const bytes = fieldEdited(head, before, name, text);
        const after = headOf(bytes);
        const at = before.header.findLastIndex((field) => field.name === name);
        const expected: unknown[] = [...withoutLines(before.header)];
        if (at < 0) expected.push({ name, content: text });
        else expected[at] = { name, content: text };
        expect(withoutLines(after.header)).toEqual(expected);
        expect(after.status).toEqual(before.status);
        expect(after.stamp).toEqual(before.stamp);
        const isOurs = new RegExp(`^[ \\t]*${name.replace('.', '\\.')}[ \\t]+::`, 'i');
        expect(keptLines(bytes, false, isOurs)).toEqual(keptLines(head, false, isOurs));
        expect(statusFromText(bytes.slice(after.layout.status?.offset ?? 0).split('\n')[0] ?? '')).toEqual(
          before.layout.status && before.status,
        );
      }),
    );
  });
});

describe('fieldAdded', () => {
  const added = (bytes: string, name: string, content: string): string =>
    fieldAdded(bytes as Bytes, headOf(bytes), name, content);

  it('puts another line behind the last of its name, in whatever case that is written', () => {
    expect(added(`${uow}Label :: a\npriority :: 1\n`, 'label', 'b')).toBe(
      `${uow}Label :: a\nlabel :: b\npriority :: 1\n`,
    );
  });

  it('puts the first of its name behind the last field', () => {
    expect(added(`${uow}priority :: 1\n\n==== STATUS\n`, 'label', 'a')).toBe(
      `${uow}priority :: 1\nlabel :: a\n\n==== STATUS\n`,
    );
    expect(added(uow.slice(0, -1), 'label', 'a')).toBe(`${uow}label :: a\n`);
  });

  it('keeps the STATUS line inside its block', () => {
    let bytes: string = stamped(uow);
    for (let count = 1; count <= 100; count++) {
      bytes = added(bytes, 'label', `number ${count}`);
      expect(canHoldStatus(headOf(bytes).layout)).toBe(true);
      expect(headOf(bytes).header.filter(({ name }) => name === 'label')).toHaveLength(count);
    }
  });

  it('does not write what would be more than one header line', () => {
    expect(() => added(uow, 'label', 'a\ncommand :: rm')).toThrow(/a field is one line/);
    expect(() => added(uow, '#label', 'a')).toThrow(/a field is one line/);
  });
});

describe('an edit', () => {
  it('writes a content without the blanks around it', () => {
    expect(edited(uow, 'command', '  false ')).toBe('==== UNIT OF WORK\ncommand :: false\n');
    expect(fieldAdded(uow as Bytes, headOf(uow), 'label', ' x ')).toBe(`${uow}label :: x\n`);
  });

  it('puts a blank before the content of a field that had none', () => {
    expect(edited(`${uow}remark ::\n`, 'remark', 'x')).toBe(`${uow}remark :: x\n`);
  });

  it('that cannot be is the fault of who asked for it', () => {
    expect(() => edited(uow, 'a b', 'x')).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  });

  it('writes no more blank lines than there must be', () => {
    expect(stamped(`${uow}\n`)).toBe(stamped(uow));
  });

  it('writes a stamp with no blank too many', () => {
    const line = (event: string): string => stamped(uow, event).split('\n')[0] ?? '';
    expect(line('  moved ')).toBe('timestamp: 1795329066-2 moved');
    expect(line(`${'x'.repeat(199)} y`)).toBe(`timestamp: 1795329066-2 ${'x'.repeat(199)}`);
  });
});
