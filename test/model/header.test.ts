import { describe, expect, it } from 'vitest';
import { exitsFromText, fieldFault, fieldRow, Header, headerFields, headerProblems } from '../../src/model/header.ts';
import type { HeaderLine } from '../../src/model/uow.ts';

function linesOf(...fields: readonly (readonly [string, string])[]): readonly HeaderLine[] {
  return fields.map(([name, content], index) => ({ name, content, line: index + 1 }));
}

function isGood(name: string, content: string): boolean {
  const row = fieldRow(name);
  return row !== undefined && fieldFault(row, content) === undefined;
}

describe('the table of fields', () => {
  it('has each name once, in lower case, and fallbacks that are good contents', () => {
    const names = headerFields.map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of headerFields) {
      expect(row.name).toBe(row.name.toLowerCase());
      if (row.fallback !== undefined) expect(fieldFault(row, row.fallback)).toBeUndefined();
    }
  });

  it('knows families by their beginning', () => {
    expect(fieldRow('env.PATH')?.name).toBe('env.*');
    expect(fieldRow('secret.TOKEN')?.name).toBe('secret.*');
    expect(fieldRow('env')).toBeUndefined();
    expect(fieldRow('constructor')).toBeUndefined();
  });
});

describe('contents', () => {
  it.each([
    ['command', 'true', ''],
    ['timeout', '1h30m', 'soon'],
    ['priority', '-5', '1.5'],
    ['priority', '+7', ''],
    ['nice', '19', '20'],
    ['slots', '1', '0'],
    ['idempotent', 'YES', 'maybe'],
    ['leftovers', 'leave', 'keep'],
    ['done-exit', '1, 24-26', '256'],
    ['umask', '027', '0888'],
    ['error-when', '^ERROR', ''],
  ])('of %s may be %j and not %j', (name, good, bad) => {
    expect(isGood(name, good)).toBe(true);
    expect(isGood(name, bad)).toBe(false);
  });

  it('of exit fields are codes and ranges', () => {
    expect(exitsFromText('1, 24-26 255')).toEqual([1, 24, 25, 26, 255]);
    for (const bad of ['', ',', '3-1', '-1', '1-', '0x1', '1-2-3']) expect(exitsFromText(bad)).toBeUndefined();
  });
});

describe('headerProblems', () => {
  it('says every one with its line', () => {
    const lines = linesOf(['timeout', 'soon'], ['priority', 'x'], ['timeout', '2h'], ['label', 'a'], ['label', 'b']);
    expect(headerProblems(lines).map(({ line, message }) => `${String(line)} ${message}`)).toEqual([
      '1 bad content of timeout: "soon"',
      '2 bad content of priority: "x"',
      '3 timeout stands here and on line 1',
    ]);
  });

  it('takes unknown fields as they are, and tells variables of different case apart', () => {
    expect(headerProblems(linesOf(['mine', ''], ['mine', ''], ['env.A', '1'], ['env.a', '2']))).toEqual([]);
  });

  it('quotes a bad content without its control characters, and not at full length', () => {
    const [problem] = headerProblems(linesOf(['timeout', `\x1b[2J${'x'.repeat(60_000)}`]));
    expect(problem?.message).toContain('\\x1b[2Jxxx');
    expect(problem?.message.length).toBeLessThan(120);
  });
});

describe('Header', () => {
  it('is stronger than the defaults of its job type, and these than the overall ones', () => {
    const header = new Header(linesOf(['timeout', '3h']), { timeout: '1h', grace: '1s', nice: '5' }, { grace: '2s' });
    expect(header.durationMs('timeout')).toBe(10_800_000);
    expect(header.durationMs('grace')).toBe(2000);
    expect(header.whole('nice')).toBe(5);
    expect(header.whole('slots')).toBe(1);
    expect(header.text('directory')).toBeUndefined();
  });

  it('gives repeated lines in order, instead of the default', () => {
    const header = new Header(linesOf(['label', 'a'], ['label', 'b']), { label: 'default' });
    expect(header.all('label')).toEqual(['a', 'b']);
    expect(header.text('label')).toBe('b');
    expect(header.all('command')).toEqual([]);
  });

  it('reads yes and exit codes', () => {
    const header = new Header(linesOf(['idempotent', 'Yes'], ['done-exit', '3-4']));
    expect(header.isYes('idempotent')).toBe(true);
    expect(header.exits('done-exit')).toEqual([3, 4]);
    expect(header.exits('fail-exit')).toEqual([]);
    expect(new Header([]).isYes('idempotent')).toBe(false);
  });
});
