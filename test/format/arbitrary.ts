// Arbitrary statuses and UOW files for the properties of this folder.
import fc from 'fast-check';
import { bytesFromUtf8, type Bytes } from '../../src/model/bytes.ts';
import type { Status, StatusFlag, StatusReason, StatusWord } from '../../src/model/status.ts';
import { statusLineFromStatus } from '../../src/format/status-line.ts';

export const anyBytes: fc.Arbitrary<Bytes> = fc
  .uint8Array({ maxLength: 300 })
  .map((array) => Buffer.from(array).toString('latin1') as Bytes);

const words: readonly StatusWord[] = ['waiting', 'running', 'done', 'error', 'fail', 'skipped', 'cancelled'];
const flags: readonly StatusFlag[] = ['held', 'retry', 'ack', 'cont', 'log!'];
const plainKinds = [
  'timeout',
  'idle',
  'interrupted',
  'expired',
  'cannot-start',
  'killed',
  'log-lost',
  'bad-result',
  'pattern',
] as const;

const reason: fc.Arbitrary<StatusReason> = fc.oneof(
  fc.record({ kind: fc.constantFrom(...plainKinds) }),
  fc.record({ kind: fc.constant('exit' as const), code: fc.nat(255) }),
  fc.record({
    kind: fc.constant('signal' as const),
    signal: fc.constantFrom('KILL', 'TERM', 'SEGV', 'VTALRM', 'RTMIN+15'),
  }),
);

/** A status that fits into its line with at most one flag and a short duration. */
export const shortStatus: fc.Arbitrary<Status> = fc
  .record({
    word: fc.constantFrom(...words),
    reason: fc.option(reason, { nil: undefined }),
    flags: fc.subarray([...flags], { maxLength: 1 }),
    attempt: fc.nat(99),
    at: fc.nat(253_402_300_799).map((seconds) => seconds * 1000),
    durationMs: fc.option(
      fc.nat(999).map((tenths) => tenths * 100),
      { nil: undefined },
    ),
  })
  .map(({ reason, durationMs, ...status }) => ({
    ...status,
    ...(reason && { reason }),
    ...(durationMs !== undefined && { durationMs }),
  }));

/** A status with anything in it that the types allow. */
export const anyStatus: fc.Arbitrary<Status> = fc.record({
  word: fc.constantFrom(...words),
  reason: fc.oneof(
    reason,
    fc.record({ kind: fc.constant('exit' as const), code: fc.double() }),
    fc.record({ kind: fc.constant('signal' as const), signal: fc.string({ unit: 'binary' }) }),
  ),
  flags: fc.subarray([...flags]),
  attempt: fc.double(),
  at: fc.double(),
  durationMs: fc.double(),
});

const text = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((each) => each.replace(/[\r\n\0]/g, ' '))
  .map((each) => bytesFromUtf8(each));

const fieldLine = fc
  .tuple(
    fc.constantFrom('', ' ', '\t'),
    fc.constantFrom('priority', 'LABEL', 'label', 'env.Path', 'ENV.home', 'customer', 'x-ü', 'timeout'),
    fc.constantFrom(' :: ', '   ::\t'),
    text,
  )
  .map(([indent, name, colons, content]) => {
    const numbers: Readonly<Record<string, string>> = { priority: '7', timeout: '1h30m' };
    return `${indent}${bytesFromUtf8(name)}${colons}${numbers[name] ?? `x${content}`}`;
  });

const otherLine = fc.oneof(
  fc.constantFrom('', '', ' ', '\t'),
  text.map((comment) => `#${comment}`),
);

const longComment = fc.nat(600).map((length) => `#${'-'.repeat(length)}`);

const statusContent = fc.oneof(
  fc.constantFrom('', 'done exit=0 #1 2026-11-22T04:31:06Z 12.3s', 'a word of a later version'),
  shortStatus.map((status) => statusLineFromStatus(status, '\n').slice(0, -1)),
);

function once(lines: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const name = /^[ \t]*([^ \t#]+)[ \t]+::/.exec(line)?.[1];
    if (name === undefined || name.toLowerCase() === 'label') return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** A file that is a valid UOW, in every shape that one may have; `logText` stands behind its log title, if it has one. */
export const anyUow: fc.Arbitrary<{ readonly bytes: Bytes; readonly head: Bytes }> = fc
  .record({
    bom: fc.constantFrom('', '\xef\xbb\xbf'),
    stamp: fc.constantFrom('', '1795329066', 'timestamp: 1795329066', 'timestamp: 1795329066-2 enqueued'),
    before: fc.array(otherLine, { maxLength: 3 }),
    title: fc.constantFrom('==== UNIT OF WORK', '====  Unit of  Work  '),
    header: fc.array(fc.oneof(fieldLine, otherLine, longComment), { maxLength: 8 }),
    command: fc.constantFrom('command :: true', 'COMMAND :: echo a :: b', 'job :: copy@1.2'),
    hasStatus: fc.boolean(),
    status: fc.tuple(fc.array(otherLine, { maxLength: 2 }), statusContent, fc.array(otherLine, { maxLength: 2 })),
    log: fc.constantFrom(undefined, '', '\n', 'output\n==== STATUS\n'),
    eols: fc.oneof(fc.constantFrom(['\n'], ['\r\n']), fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 1 })),
    isUnfinished: fc.boolean(),
  })
  .map((parts) => {
    const lines = [
      ...(parts.stamp === '' ? [] : [parts.stamp]),
      ...parts.before,
      parts.title,
      ...once(parts.header),
      parts.command,
      ...(parts.hasStatus ? ['==== STATUS', ...parts.status[0], parts.status[1], ...parts.status[2]] : []),
      ...(parts.log === undefined ? [] : ['==== JOB LOG']),
    ];
    const eolAt = (index: number): string => parts.eols[index % parts.eols.length] ?? '\n';
    let head = parts.bom + lines.map((line, index) => line + eolAt(index)).join('');
    if (parts.isUnfinished && !parts.log) head = head.replace(/\r?\n$/, '');
    return { bytes: (head + (parts.log ?? '')) as Bytes, head: head as Bytes };
  });
