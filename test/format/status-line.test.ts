import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reasonFromText, statusFromText, statusLineFromStatus } from '../../src/format/status-line.ts';
import type { Status } from '../../src/model/status.ts';
import { anyStatus, shortStatus } from './arbitrary.ts';

const at = Date.UTC(2026, 10, 22, 4, 31, 6);
const time = '2026-11-22T04:31:06Z';

const goldenLines: readonly (readonly [string, Status])[] = [
  [
    `done exit=0 #1 ${time} 12.3s`,
    { word: 'done', reason: { kind: 'exit', code: 0 }, flags: [], attempt: 1, at, durationMs: 12_300 },
  ],
  [`waiting #0 ${time}`, { word: 'waiting', flags: [], attempt: 0, at }],
  [`waiting held #0 ${time}`, { word: 'waiting', flags: ['held'], attempt: 0, at }],
  [`waiting retry #2 ${time}`, { word: 'waiting', flags: ['retry'], attempt: 2, at }],
  [`waiting retry=1 #6 ${time}`, { word: 'waiting', flags: ['retry'], attempt: 6, retry: 1, at }],
  [`waiting held retry #2 ${time}`, { word: 'waiting', flags: ['held', 'retry'], attempt: 2, at }],
  [`running #1 ${time}`, { word: 'running', flags: [], attempt: 1, at }],
  [
    `error exit=3 ack #1 ${time} 5m02s`,
    { word: 'error', reason: { kind: 'exit', code: 3 }, flags: ['ack'], attempt: 1, at, durationMs: 302_000 },
  ],
  [
    `error bad-result #1 ${time} 0.4s`,
    { word: 'error', reason: { kind: 'bad-result' }, flags: [], attempt: 1, at, durationMs: 400 },
  ],
  [
    `fail timeout #1 ${time} 2h00m`,
    { word: 'fail', reason: { kind: 'timeout' }, flags: [], attempt: 1, at, durationMs: 7_200_000 },
  ],
  [
    `fail signal=KILL log! #1 ${time} 4d03h`,
    {
      word: 'fail',
      reason: { kind: 'signal', signal: 'KILL' },
      flags: ['log!'],
      attempt: 1,
      at,
      durationMs: 356_400_000,
    },
  ],
  [`fail pattern #12 ${time}`, { word: 'fail', reason: { kind: 'pattern' }, flags: [], attempt: 12, at }],
  [
    `fail interrupted cont #1 ${time}`,
    { word: 'fail', reason: { kind: 'interrupted' }, flags: ['cont'], attempt: 1, at },
  ],
  [`skipped #0 ${time}`, { word: 'skipped', flags: [], attempt: 0, at }],
  [`fail idle #1 ${time}`, { word: 'fail', reason: { kind: 'idle' }, flags: [], attempt: 1, at }],
  [`fail expired #0 ${time}`, { word: 'fail', reason: { kind: 'expired' }, flags: [], attempt: 0, at }],
  [
    `fail cannot-start #999999 ${time}`,
    { word: 'fail', reason: { kind: 'cannot-start' }, flags: [], attempt: 999_999, at },
  ],
  [`fail log-lost log! #1 ${time}`, { word: 'fail', reason: { kind: 'log-lost' }, flags: ['log!'], attempt: 1, at }],
  [`error exit=255 #1 ${time}`, { word: 'error', reason: { kind: 'exit', code: 255 }, flags: [], attempt: 1, at }],
  [`cancelled killed #1 ${time}`, { word: 'cancelled', reason: { kind: 'killed' }, flags: [], attempt: 1, at }],
];

describe('statusLineFromStatus', () => {
  it.each(goldenLines)('writes `%s`, padded to 63 bytes and a newline', (text, status) => {
    expect(statusLineFromStatus(status, '\n')).toBe(`${text.padEnd(63)}\n`);
  });

  it('pads to 62 bytes before CRLF', () => {
    const status: Status = { word: 'waiting', flags: [], attempt: 0, at };
    expect(statusLineFromStatus(status, '\r\n')).toBe(`waiting #0 ${time}`.padEnd(62) + '\r\n');
  });

  it('is one line of 64 bytes whatever the status holds', () => {
    fc.assert(
      fc.property(anyStatus, fc.constantFrom('\n' as const, '\r\n' as const), (status, eol) => {
        const line = statusLineFromStatus(status, eol);
        expect(line).toHaveLength(64);
        expect(line).toMatch(/^[\x20-\x7e]+\r?\n$/);
        expect(line.endsWith(eol)).toBe(true);
        expect(statusFromText(line)?.word).toBe(status.word);
      }),
    );
  });

  it('leaves out the duration first where the line would be too long, and flags only then', () => {
    const long: Status = {
      word: 'fail',
      reason: { kind: 'signal', signal: 'RTMIN+15' },
      flags: ['ack', 'cont', 'log!'],
      attempt: 123,
      at,
      durationMs: 8_000_000_000,
    };
    expect(statusLineFromStatus(long, '\n').trimEnd()).toBe(`fail signal=RTMIN+15 ack cont log! #123 ${time}`);
    const longer: Status = { ...long, word: 'cancelled', attempt: 123_456 };
    expect(statusLineFromStatus(longer, '\n').trimEnd()).toBe(`cancelled signal=RTMIN+15 ack cont #123456 ${time}`);
  });

  it('fills the line to its last byte before it leaves anything out', () => {
    const full: Status = {
      ...{ word: 'fail', reason: { kind: 'interrupted' }, flags: ['held', 'log!'], attempt: 1, at },
      durationMs: 3_661_000,
    };
    const text = (status: Status) => statusLineFromStatus(status, '\n').trimEnd();
    expect(text(full)).toBe(`fail interrupted held log! #1 ${time} 1h01m`);
    expect(text({ ...full, attempt: 12_345 })).toBe(`fail interrupted held log! #12345 ${time} 1h01m`);
    expect(text({ ...full, attempt: 1234, flags: ['held', 'ack', 'cont'] })).toBe(
      `fail interrupted held ack cont #1234 ${time} 1h01m`,
    );
  });

  it('cuts a signal that no system has', () => {
    const reason = { kind: 'signal', signal: 'RTMIN+15ABC!' } as const;
    const line = statusLineFromStatus({ word: 'fail', reason, flags: [], attempt: 1, at }, '\n');
    expect(line.trimEnd()).toBe(`fail signal=RTMIN+15A #1 ${time}`);
  });

  it('never shows an impossible exit code as success', () => {
    const status = (code: number): Status => ({
      word: 'error',
      reason: { kind: 'exit', code },
      flags: [],
      attempt: 1,
      at,
    });
    for (const code of [-1, 256, NaN, 0.5]) expect(statusLineFromStatus(status(code), '\n')).toContain('exit=255 ');
  });
});

describe('statusFromText', () => {
  it.each(goldenLines)('reads `%s`', (text, status) => {
    expect(statusFromText(text)).toEqual(status);
    expect(statusFromText(`  ${text.replaceAll(' ', ' \t ')} \r\n`)).toEqual(status);
  });

  it('reads back every status that was written, to the precision of the text', () => {
    fc.assert(
      fc.property(shortStatus, (status) => {
        expect(statusFromText(statusLineFromStatus(status, '\r\n'))).toEqual(status);
      }),
    );
  });

  it.each([
    '',
    'waiting',
    'Waiting #0 2026-11-22T04:31:06Z',
    'waiting #0',
    'waiting 2026-11-22T04:31:06Z',
    'waiting #0 2026-11-22',
    'waiting #0 2026-02-31T00:00:00Z',
    'waiting #0 0026-11-22T04:31:06Z',
    'waiting #0 2026-11-22T04:31:06Z 12',
    'waiting #0 2026-11-22T04:31:06Z soon',
    'waiting #0 2026-11-22T04:31:06Z 1s 1s',
    'waiting #1234567 2026-11-22T04:31:06Z',
    'waiting #-1 2026-11-22T04:31:06Z',
    'waiting held held #0 2026-11-22T04:31:06Z',
    'error ack exit=3 #1 2026-11-22T04:31:06Z',
    'error exit=256 #1 2026-11-22T04:31:06Z',
    'error exit=+3 #1 2026-11-22T04:31:06Z',
    'fail signal= #1 2026-11-22T04:31:06Z',
    'exploded #1 2026-11-22T04:31:06Z',
    'waiting x#0 2026-11-22T04:31:06Z',
    'waiting #0 +020000-01-01T00:00:00Z',
    'waiting #0x 2026-11-22T04:31:06Z',
    'waiting #0 x2026-11-22T04:31:06Z',
    'waiting #0 2026-11-22T04:31:06Zx',
    'waiting #0 2026-11-22T04:31:06.000Z',
    'waiting #0 2026-11-22T04:31:06Z 1s1',
    'error exit=3a #1 2026-11-22T04:31:06Z',
    'error exit=A #1 2026-11-22T04:31:06Z',
    'error exit=0003 #1 2026-11-22T04:31:06Z',
    'error xexit=3 #1 2026-11-22T04:31:06Z',
    'fail signal=KILL! #1 2026-11-22T04:31:06Z',
    'fail signal=ABCDEFGHIJ #1 2026-11-22T04:31:06Z',
    `waiting #0 2026-11-22T04:31:06Z${' '.repeat(1024)}`,
    'last 2026-11-22T04:31:06Z next 2026-11-23T04:31:06Z',
  ])('does not take `%s` for a status', (text) => {
    expect(statusFromText(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        statusFromText(text);
        statusFromText(`done ${text}`);
      }),
    );
  });
});

it('a reason is read alone too, and nothing else is one', () => {
  expect(reasonFromText('exit=3')).toEqual({ kind: 'exit', code: 3 });
  expect(reasonFromText('signal=KILL')).toEqual({ kind: 'signal', signal: 'KILL' });
  expect(reasonFromText('signal=9')).toEqual({ kind: 'signal', signal: '9' });
  for (const text of [undefined, '', 'exit', 'exit=', 'kill=9', 'an exit=3', '#1']) {
    expect(reasonFromText(text), text).toBeUndefined();
  }
});
