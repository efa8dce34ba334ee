import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stampedUow } from '../../src/format/uow-edit.ts';
import { headReadBytes, parseUow } from '../../src/format/uow-parse.ts';
import { bytesFromUtf8, type Bytes } from '../../src/model/bytes.ts';
import { textFromProblem } from '../../src/model/errors.ts';
import { headLimitBytes, type ParsedUow, type UowHead } from '../../src/model/uow.ts';
import { anyBytes, anyUow } from './arbitrary.ts';

const uow = '==== UNIT OF WORK\ncommand :: true\n';

function parsed(text: string): ParsedUow {
  return parseUow(bytesFromUtf8(text));
}

function headOf(text: string): UowHead {
  const result = parsed(text);
  if (result.kind === 'invalid') throw new Error(result.problems.map(textFromProblem).join('\n'));
  return result.head;
}

function problemsOf(text: string | Bytes, options?: { complete: boolean }): readonly string[] {
  const result = parseUow(text as Bytes, options);
  return result.kind === 'invalid' ? result.problems.map((each) => `${String(each.line)} ${each.message}`) : [];
}

function warningsOf(text: string): readonly string[] {
  const result = parsed(text);
  return result.kind === 'uow' ? result.warnings.map(textFromProblem) : ['invalid'];
}

describe('the stamp on line 1', () => {
  it.each([
    ['timestamp: 1795329066-2 enqueued', { seconds: 1795329066, ordinal: 2 }, 'enqueued'],
    ['timestamp: 1795329066-2 submitted size=412', { seconds: 1795329066, ordinal: 2 }, 'submitted size=412'],
    ['timestamp: 1795329066', { seconds: 1795329066, ordinal: 0 }, ''],
    ['Timestamp:1795329066-12\t ', { seconds: 1795329066, ordinal: 12 }, ''],
    ['1795329066', { seconds: 1795329066, ordinal: 0 }, ''],
    ['1795329066-3', { seconds: 1795329066, ordinal: 3 }, ''],
  ])('may be `%s`', (line, stamp, event) => {
    expect(headOf(`${line}\n\n${uow}`)).toMatchObject({ stamp, event });
    expect(headOf(`\uFEFF${line}\r\n${uow}`)).toMatchObject({ stamp, event });
  });

  it('may be missing', () => {
    expect(headOf(uow)).toMatchObject({ event: '' });
    expect(headOf(uow).stamp).toBeUndefined();
  });

  it.each(['timestamp: soon', 'timestamp:', 'timestamp :: 5', 'timestamp: 1-2-3', 'TIMESTAMP: 1795329066123'])(
    'is a problem of line 1, said once, if it is `%s`',
    (line) => {
      expect(problemsOf(`${line}\n${uow}`)).toEqual([`1 bad timestamp: "${line}"`]);
    },
  );

  it('is a line like any other if it stands further down, or is no stamp at all', () => {
    expect(problemsOf(`\ntimestamp: 1795329066\n${uow}`)).toEqual([
      '2 a line above ==== UNIT OF WORK: "timestamp: 1795329066"',
    ]);
    expect(problemsOf(`1795329066123\n${uow}`)).toEqual(['1 a line above ==== UNIT OF WORK: "1795329066123"']);
  });
});

it('a first line of `0 submitted size=N` is an event without a stamp, which stamping puts in its place', () => {
  const text = bytesFromUtf8('timestamp: 0 submitted size=61\n\n==== UNIT OF WORK\n\ncommand :: true\n');
  const parsed = parseUow(text);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.map(textFromProblem).join('\n'));
  const { head } = parsed;
  expect(head).toMatchObject({ event: 'submitted size=61' });
  expect(head).not.toHaveProperty('stamp');
  const status = { word: 'waiting', flags: [], attempt: 0, at: 0 } as const;
  const stamp = { seconds: 7, ordinal: 5 };
  const stamped = stampedUow(text, head, { stamp, event: 'enqueued', status });
  expect(stamped.startsWith('timestamp: 7-5 enqueued\n\n==== UNIT OF WORK\n')).toBe(true);
  expect(parseUow(stamped)).toMatchObject({ kind: 'uow', head: { stamp, event: 'enqueued', status } });
  // As a program with its clock at the epoch would write it, and a person.
  for (const line of ['timestamp: 0-0 submitted size=61', 'timestamp: 0', 'timestamp: 0 enqueued'])
    expect(parseUow(text.replace(/^.*/, line) as Bytes)).toMatchObject({ head: { stamp: { seconds: 0, ordinal: 0 } } });
});

describe('header lines', () => {
  it('are NAME :: CONTENT with the name in lower case and the content trimmed', () => {
    const head = headOf('==== UNIT OF WORK\n  COMMAND\t::  echo a :: b \t\nLabel :: x\n');
    expect(head.header).toEqual([
      { name: 'command', content: 'echo a :: b', line: 2 },
      { name: 'label', content: 'x', line: 3 },
    ]);
  });

  it('keep the case of the name of a variable', () => {
    const { header } = headOf(`${uow}ENV.Path :: /bin\nSecret.ToKen :: credential:a\nenv.A :: b\nenv.a :: b`);
    expect(header.map((field) => field.name)).toEqual(['command', 'env.Path', 'secret.ToKen', 'env.A', 'env.a']);
  });

  it('keep a last byte that String.trim takes for a blank', () => {
    expect(headOf(`${uow}label :: voilà\n`).header[1]?.content).toBe('voilà');
    expect(headOf(`${uow}label :: à :: à`).header[1]?.content).toBe('à :: à');
  });

  it.each([
    'timeout: 2h',
    'timeout::2h',
    'timeout ::2h',
    'timeout:: 2h',
    'rsync -a /home',
    'my field :: x',
    ':: x',
    'a:b :: x',
    '  ==== STATUS',
    '===== STATUS',
  ])('are not `%s`', (line) => {
    expect(problemsOf(`${uow}${line}\n`)).toHaveLength(1);
    expect(problemsOf(`${uow}${line}\n`)[0]).toMatch(/^3 (not a header line|unknown title): /);
  });

  it('may be mixed with blank lines and comments', () => {
    expect(headOf(`# a\n\n  # b :: c\n${uow}\n \t\n# ==== JOB LOG\nlabel :: x`).header).toHaveLength(2);
  });

  it('need a command or a job, and not both', () => {
    expect(problemsOf('==== UNIT OF WORK\nlabel :: x\n')).toEqual(['1 there is neither a command nor a job']);
    expect(problemsOf('==== UNIT OF WORK\njob :: x\ncommand :: y\n')).toEqual([
      '3 both a command (line 3) and a job (line 2)',
    ]);
    expect(headOf('==== UNIT OF WORK\njob :: x').header).toHaveLength(1);
    expect(headOf('==== UNIT OF WORK\ncommand :: x\ncommand :: y').header).toHaveLength(2);
  });

  it('name variables with identifiers', () => {
    expect(
      problemsOf(bytesFromUtf8(`${uow}env. :: a\nenv.A-B :: a\nenv.1 :: a\nsecret.é :: a\nenv._a1 :: a\n`)),
    ).toEqual([
      '3 "env." names no variable',
      '4 "env.A-B" names no variable',
      '5 "env.1" names no variable',
      '6 "secret.é" names no variable',
    ]);
  });

  it('are held against the table of fields', () => {
    expect(problemsOf(`${uow}timeout :: soon\ntimeout :: 2h\n`)).toEqual([
      '3 bad content of timeout: "soon"',
      '4 timeout stands here and on line 3',
    ]);
  });
});

describe('warnings', () => {
  it('name the field that an unknown one may be meant for', () => {
    expect(warningsOf(`${uow}timout :: 2h\n`)).toEqual([
      'line 3: unknown field timout: did you mean timeout? As it stands, the job gets it as SJQ_TIMOUT',
    ]);
    for (const [wrong, right] of [
      ['proirity', 'priority'],
      ['idempotant', 'idempotent'],
      ['itmeout', 'timeout'],
      ['directroy', 'directory'],
      ['retry_delay', 'retry-delay'],
    ]) {
      expect(warningsOf(`${uow}${String(wrong)} :: x\n`)[0]).toContain(`did you mean ${String(right)}?`);
    }
  });

  it('know a field whose first letter is missing, or has another before it', () => {
    expect(warningsOf(`${uow}imeout :: 2h\n`)[0]).toContain('did you mean timeout?');
    expect(warningsOf(`${uow}xtimeout :: 2h\n`)[0]).toContain('did you mean timeout?');
  });

  it('say of other unknown fields what becomes of them, once', () => {
    expect(warningsOf(`${uow}cost-centre :: 1\ncost-centre :: 2\n`)).toEqual([
      'line 3: unknown field cost-centre: the job gets it as SJQ_COST_CENTRE',
    ]);
  });

  it('say which fields this version does not act on', () => {
    expect(warningsOf(`${uow}hosts :: all\n`)).toEqual([
      'line 3: hosts is not acted on by this version: it is kept; do not rely on it yet',
    ]);
  });

  it('say that a STATUS is unknown, and it counts as none', () => {
    const text = `${uow}==== STATUS\nlast never\n`;
    expect(warningsOf(text)[0]).toContain('line 4: unknown status: "last never"');
    expect(headOf(text).status).toBeUndefined();
    expect(headOf(text).layout.status).toEqual({ offset: 46, length: 10 });
  });

  it('are none for an ordinary UOW', () => {
    expect(warningsOf(`${uow}env.PATH :: /bin\ntimeout :: 2h\n==== STATUS\n\n==== JOB LOG\n`)).toEqual([]);
  });
});

describe('sections', () => {
  it('need the title UNIT OF WORK, and without it that is the one problem', () => {
    expect(problemsOf('')).toEqual(['0 there is no ==== UNIT OF WORK title']);
    expect(problemsOf('Dear all,\nplease run this.\n')).toEqual(['0 there is no ==== UNIT OF WORK title']);
    expect(problemsOf('==== JOB LOG\n==== UNIT OF WORK\ncommand :: x\n')).toHaveLength(1);
  });

  it('end in LF or CRLF, not in CR alone', () => {
    const result = parsed('==== UNIT OF WORK\rcommand :: x\r');
    expect(result.kind === 'invalid' && result.problems[0]?.remedy).toBe('end the lines with LF, not CR alone');
  });

  it('have titles in any case, with blanks between and behind', () => {
    const text = '====\tunit  of work \ncommand :: x\n==== status\r\n==== Job Log  \n';
    expect(headOf(text).layout.logOffset).toBe(text.length);
  });

  it('of a flow file are not taken', () => {
    const message = 'a flow, where one UOW is wanted';
    expect(problemsOf('==== UNIT OF WORK fetch\ncommand :: x\n')).toEqual([`1 ${message}`]);
    expect(problemsOf(`${uow}${uow}`)).toEqual([`3 ${message}`]);
    expect(problemsOf(`${uow}==== UNIT OF WORK b\njob :: x\n`)).toEqual([`3 ${message}`]);
  });

  it('stand once each', () => {
    expect(problemsOf(`${uow}==== STATUS\n==== STATUS\n`)).toEqual(['4 ==== STATUS stands here and on line 3']);
  });

  it('have one line of STATUS at most', () => {
    const line = 'running #1 2026-11-22T04:31:06Z';
    expect(problemsOf(`${uow}==== STATUS\n${line}\n# a\ntimeout :: 2h\n`)).toEqual([
      '6 a second line of STATUS: "timeout :: 2h"',
    ]);
    expect(headOf(`${uow}==== STATUS\n# a\n${line}\n`).status).toMatchObject({ word: 'running', attempt: 1 });
  });

  it('end at the first JOB LOG title: a job that prints titles forges nothing', () => {
    const head = `${uow}==== STATUS\nrunning #1 2026-11-22T04:31:06Z\n==== JOB LOG\n`;
    const log = `==== STATUS\ndone exit=0 #1 2026-11-22T04:31:06Z\n${uow}==== JOB LOG\n`;
    const expected = headOf(head);
    expect(headOf(head + log)).toEqual(expected);
    expect(parseUow(`${head}\0\xff\xfe${log}` as Bytes)).toMatchObject({ kind: 'uow', head: expected });
    expect(expected.layout.logOffset).toBe(head.length);
  });

  it('have no log if the JOB LOG title lacks its newline', () => {
    expect(headOf(`${uow}==== JOB LOG`).layout.logOffset).toBeUndefined();
  });
});

describe('the layout', () => {
  const status = 'running #1 2026-11-22T04:31:06Z';

  it('counts in bytes, with a BOM, CRLF and letters of several bytes', () => {
    const text = `\uFEFF# ü\r\n==== UNIT OF WORK\r\ncommand :: é\r\n==== STATUS\r\n${status}\r\n==== JOB LOG\r\nout\r\n`;
    const bytes = bytesFromUtf8(text);
    const { layout } = headOf(text);
    expect(layout).toEqual({
      eol: '\r\n',
      hasBom: true,
      status: { offset: bytes.indexOf('running'), length: status.length },
      logOffset: bytes.indexOf('out'),
    });
  });

  it('takes the line end of the first line, and measures the STATUS line so that it may be overwritten', () => {
    expect(headOf(`# a\r\n${uow}==== STATUS\n${status}\n`).layout).toMatchObject({
      eol: '\r\n',
      status: { length: status.length - 1 },
    });
    expect(headOf(`# a\n${uow}==== STATUS\n${status}\r\n`).layout).toMatchObject({
      eol: '\n',
      status: { length: status.length + 1 },
    });
  });
});

describe('bytes that no head may have', () => {
  it('are NUL and what is not UTF-8, each said with its line', () => {
    expect(problemsOf(`${uow}label :: a\0b\nlabel :: \xff\n# \xc3\n`)).toEqual([
      '3 a NUL byte',
      '4 not UTF-8',
      '5 not UTF-8',
    ]);
  });

  it('are NUL also where all else is ASCII', () => {
    expect(problemsOf(`${uow}# \0\n`)).toEqual(['3 a NUL byte']);
  });

  it('are said at most a hundred times', () => {
    expect(problemsOf('\xff\n'.repeat(20_000))).toHaveLength(101);
  });
});

describe('the limit of the head', () => {
  const filled = (length: number, rest: string): string =>
    `${uow}#`.padEnd(length - rest.length - 1, '-') + '\n' + rest;
  const long = '0 the head is longer than 64 KiB';

  it('is 64 KiB up to the log', () => {
    expect(problemsOf(filled(headLimitBytes, '==== JOB LOG\n'))).toEqual([]);
    expect(problemsOf(filled(headLimitBytes + 1, '==== JOB LOG\n'))).toEqual([long]);
    expect(problemsOf(filled(headLimitBytes, ''))).toEqual([]);
    expect(problemsOf(filled(headLimitBytes + 1, ''))).toEqual([long]);
    expect(problemsOf(filled(1_000_000, '==== JOB LOG\n'))).toEqual([long]);
  });

  it('does not count the log', () => {
    expect(problemsOf(`${uow}==== JOB LOG\n${'x\n'.repeat(headLimitBytes)}`, { complete: false })).toEqual([]);
  });

  it('is passed if there is no log title in what was read and the file goes on', () => {
    expect(problemsOf(uow, { complete: false })).toEqual([long]);
    expect(problemsOf(`${uow}==== JOB LOG`, { complete: false })).toEqual([long]);
  });

  it('is no reason to call a character that the read cut in two no UTF-8', () => {
    const cut = filled(headReadBytes, '').slice(0, -1) + '\xc3';
    expect(problemsOf(cut, { complete: false })).toEqual([long]);
    expect(problemsOf(`#\xff\n${cut}`, { complete: false })).toEqual([long, '1 not UTF-8']);
    expect(problemsOf(`${uow}# \xc3`)).toEqual(['3 not UTF-8']);
  });

  it('leaves room for what a stamp adds', () => {
    expect(problemsOf(`1795329066\n${filled(headLimitBytes + 500, '==== JOB LOG\n')}`)).toEqual([]);
    expect(problemsOf(`1795329066\n${filled(headReadBytes, '==== JOB LOG\n')}`)).toEqual([long]);
  });
});

describe('parseUow', () => {
  it('never throws, whatever the bytes', () => {
    const pieces = fc.constantFrom(
      '==== UNIT OF WORK',
      '==== STATUS',
      '==== JOB LOG',
      'command ::',
      ' :: ',
      'env.',
      'timestamp: 1',
      '\n',
      '\r\n',
      '\r',
      '\xef\xbb\xbf',
      '#',
      '0',
    );
    const bytes = fc.array(fc.oneof(pieces, anyBytes), { maxLength: 20 }).map((parts) => parts.join('') as Bytes);
    fc.assert(
      fc.property(bytes, fc.boolean(), (each, complete) => {
        const result = parseUow(each, { complete });
        if (result.kind === 'invalid') expect(result.problems).not.toHaveLength(0);
      }),
    );
  });

  it('takes every shape of a valid UOW', () => {
    fc.assert(
      fc.property(anyUow, ({ bytes, head }) => {
        const result = parseUow(bytes);
        expect(result).toMatchObject({ kind: 'uow' });
        expect(parseUow(head)).toEqual(result);
      }),
    );
  });

  it('is in time with files made to be slow', () => {
    const blanks = ' '.repeat(60_000);
    const slow = [
      '\n'.repeat(65_536),
      'x\n'.repeat(32_768),
      `====${blanks}x\n`,
      `==== UNIT${blanks}OF${blanks}x\n`,
      `==== UNIT OF WORK\nab${blanks}:x\n`,
      `==== UNIT OF WORK\nab ::${blanks}x\n`,
      `timestamp:${blanks}x\n`,
      `==== UNIT OF WORK\ntimeout :: ${'1h'.repeat(30_000)}x\n`,
      `==== UNIT OF WORK\n${Array.from({ length: 7000 }, (_unused, i) => `f${String(i)} :: `).join('\n')}`,
      `${uow}==== STATUS\n${'done '.repeat(13_000)}`,
      '\0\xff\n'.repeat(20_000),
    ];
    for (const text of slow) {
      const startedAt = performance.now();
      parseUow(text as Bytes);
      expect(performance.now() - startedAt).toBeLessThan(5000);
    }
  });
});

describe('what is to be done about a head', () => {
  const linesOf = (text: string): readonly string[] => {
    const result = parsed(text);
    return (result.kind === 'invalid' ? result.problems : result.warnings).map(textFromProblem);
  };

  it('is said with what is wrong', () => {
    expect(linesOf('command :: true\n')).toEqual([
      'there is no ==== UNIT OF WORK title: write it above the header, on a line of its own',
    ]);
    expect(linesOf('# one\n==== UNIT OF WORK\rcommand :: true\r')).toEqual([
      'there is no ==== UNIT OF WORK title: end the lines with LF, not CR alone',
    ]);
    expect(linesOf('==== UNIT OF WORK\n')).toEqual([
      'line 1: there is neither a command nor a job: write what is to be run, such as command :: rsync -a /home /backup',
    ]);
    expect(linesOf(`${uow}#${'-'.repeat(headLimitBytes)}\n`)).toEqual([
      'the head is longer than 64 KiB: move what is long into a script or a file of its own; ' +
        'output belongs below a ==== JOB LOG title',
    ]);
    expect(linesOf(`${uow}==== STATUS\nlast never\n`)).toEqual([
      'line 4: unknown status: "last never": it counts as no status, and is written anew when the UOW moves on',
    ]);
  });

  it('is said of a hundred lines at most, and that there are more', () => {
    const stray = (count: number) => linesOf(`${uow}${'stray\n'.repeat(count)}`);
    expect(stray(100)).toHaveLength(100);
    expect(stray(101).slice(99)).toEqual([expect.stringMatching(/^line 102: /), 'and there is more']);
  });

  it('is nothing about a title that is none of a UOW’s, wherever it stands and whatever is behind it', () => {
    for (const text of [`${uow}==== :: x\n`, `${uow}==== STATUS\n==== RESULT\n`]) {
      expect(linesOf(text)).toEqual([expect.stringMatching(/^line \d: unknown title: "==== /)]);
    }
  });

  it('is nothing about a stamp where there is only a word of it', () => {
    for (const line of ['my timestamp: 5', 'xtimestamp: 1795329066-2']) {
      expect(linesOf(`${line}\n${uow}`)).toEqual([expect.stringMatching(/^line 1: a line above ==== UNIT OF WORK/)]);
    }
    expect(headOf(`timestamp: 5-1 \t moved here\n${uow}`)).toMatchObject({ event: 'moved here' });
  });

  it('is nothing about a field that has no content', () => {
    expect(headOf(`${uow}remark ::\n`).header).toContainEqual({ name: 'remark', content: '', line: 3 });
  });
});
