import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  attemptFromHistory,
  endedFromHistory,
  endedFromTail,
  stampsFromTail,
  hasEntry,
  isOfRun,
  type HistoryEntry,
  lineFromHistory,
  nameOfStamp,
} from '../../src/format/history-line.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import type { EndedQueue } from '../../src/model/queue.ts';
import { textFromStamp } from '../../src/model/stamp.ts';
import { anAttempt, bytes } from '../support/builders.ts';
import { historyFaults } from '../support/history-schema.ts';

function tailOf(...entries: readonly HistoryEntry[]): Bytes {
  return entries.map(lineFromHistory).join('') as Bytes;
}

const attempt = (name: string, stamp: string, id: string): HistoryEntry => anAttempt(name, { id, stamp });

describe('a line of history.jsonl', () => {
  it('is one line of JSON in UTF-8, without what is not known', () => {
    const at = '2026-11-22T04:31:06.000Z';
    const line = lineFromHistory({ kind: 'monitor-started', at, host: 'é\n"', monitor_version: '1' });
    expect(line).toBe(bytes(`{"kind":"monitor-started","at":"${at}","host":"é\\n\\"","monitor_version":"1"}\n`));
    expect(lineFromHistory(anAttempt('a', { exit: undefined }))).not.toContain('exit"');
  });

  it('is found by the id of its attempt, and by no part of it', () => {
    const tail = tailOf(attempt('a', '1-1', '1-1.1-aaaaaa'));
    expect(hasEntry(tail, isOfRun('1-1.1-aaaaaa'))).toBe(true);
    expect(hasEntry(tail, isOfRun('1-1.1-aaaaa'))).toBe(false);
    expect(hasEntry(tailOf(attempt('"id":"x"', '1-1', 'y')), isOfRun('x'))).toBe(false);
  });

  it('tells the newest name of a stamp, as the bytes of its file name', () => {
    const tail = tailOf(attempt('é', '1-1', 'a'), attempt('é~2', '1-1', 'b'), attempt('other', '1-12', 'c'));
    expect(nameOfStamp(tail, '1-1')).toBe(bytes('é~2'));
    expect(nameOfStamp(tail, '1-12')).toBe('other');
    expect(nameOfStamp(tail, '2-1')).toBeUndefined();
    expect(nameOfStamp('' as Bytes, '1-1')).toBeUndefined();
  });

  it('is read from a tail that begins or ends in the middle of a line', () => {
    const tail = tailOf(attempt('first', '1-1', 'a'), attempt('last', '1-2', 'b'));
    expect(nameOfStamp(tail.slice(20) as Bytes, '1-2')).toBe('last');
    expect(nameOfStamp(tail.trimEnd() as Bytes, '1-2')).toBe('last');
    for (let from = 0; from < tail.length; from++) nameOfStamp(tail.slice(from) as Bytes, '1-1');
    for (let to = 0; to < tail.length; to++) nameOfStamp(tail.slice(0, to) as Bytes, '1-2');
  });

  it('gives no name from a line that somebody garbled', () => {
    const tail = tailOf(attempt('name', '1-1', 'a'));
    expect(nameOfStamp(tail.replace('name"', 'na\rme"') as Bytes, '1-1')).toBeUndefined();
    expect(nameOfStamp(tail.replaceAll('"name"', '"\\name"') as Bytes, '1-1')).toBeUndefined();
    expect(nameOfStamp(tail.replace('"name":"name"', '"name":["name"]') as Bytes, '1-1')).toBeUndefined();
  });

  it('cannot be forged by a name', () => {
    const tail = tailOf(attempt('mine', '1-1', 'a'), attempt('"stamp":"1-1","name":"forged"', '1-2', 'b'));
    expect(nameOfStamp(tail, '1-1')).toBe('mine');
  });
});

const at = '2026-11-22T04:31:06.000Z';
const from = { at, host: 'ada', monitor_version: '1.2.3' };

/** One line of each kind; the first has everything that an attempt's can have but what excludes it. */
const everyKind: readonly HistoryEntry[] = [
  {
    ...{ kind: 'attempt', id: '1795321862-123456.2-0a1b2c', name: 'nightly é', stamp: '1795321862-123456', attempt: 2 },
    ...{ outcome: 'error', reason: 'exit=3', exit: 3, enqueued_at: '2026-11-22T04:31:02.000Z', scheduled_at: at },
    ...{ claimed_at: at, started_at: '2026-11-22T04:31:06.012Z', ended_at: '2026-11-22T04:32:00.250Z' },
    ...{ duration_ms: 54_238, cpu_ms: 1234, memory_peak_bytes: 10_485_760, log_bytes: 512, leftovers: 1 },
    ...{ memory_max_by: 'cgroup', cpu_max_by: 'nobody', oom_kills: 2 },
    ...{ queue: 'priority', group: 'nights', flow: 'close', schedule: 'nightly', job_type: 'app', job_version: '1.4' },
    ...{ host: 'ada', monitor_version: '1.2.3', submitter: 'grace', directory: '/srv' },
    ...{ search_path: '/opt/app/bin:/usr/bin', environment: ['MODE=fast é', 'X='], environment_hidden: ['LOGIN'] },
    environment_left_out: 2,
  },
  anAttempt('killed', { outcome: 'fail', reason: 'signal=RTMIN+3', exit: undefined, signal: 'RTMIN+3' }),
  { kind: 'monitor-started', ...from },
  { kind: 'monitor-stopped', ...from, why: 'shutdown', running: 2 },
  { kind: 'cancelled', ...from, name: 'a', stamp: '1-0', queue: 'wait' },
  { kind: 'skipped', ...from, name: 'a', stamp: '1-0', queue: 'executing' },
];

describe('each kind of line', () => {
  it('looks as this version writes it, and is valid', () => {
    const golden = readFileSync(join(import.meta.dirname, 'golden/history.jsonl'), 'latin1');
    expect(everyKind.map(lineFromHistory).join('')).toBe(golden);
    for (const line of golden.trimEnd().split('\n')) expect(historyFaults(JSON.parse(line)), line).toEqual([]);
  });

  it.each([
    ['a field that nobody knows', { ...anAttempt('a'), job: 'app@1' }],
    ['null for unknown', { ...anAttempt('a'), exit: null }],
    ['text for a number', { ...anAttempt('a'), log_bytes: '5' }],
    ['a time without milliseconds', { ...anAttempt('a'), ended_at: '2026-11-22T04:31:06Z' }],
    ['an outcome that is none', { ...anAttempt('a'), outcome: 'failed' }],
    ['an exit code and a signal', anAttempt('a', { signal: 'KILL' })],
    ['a start without duration', anAttempt('a', { started_at: at })],
    ['no name', { ...anAttempt('a'), name: undefined }],
    ['another kind', { kind: 'monitor-ended', ...from }],
    ['a field of another kind', { kind: 'monitor-started', ...from, why: 'shutdown' }],
  ])('with %s is not valid', (_, entry) => {
    expect(historyFaults(JSON.parse(JSON.stringify(entry)))).not.toEqual([]);
  });
});

describe('an attempt in the history', () => {
  const line = (stamp: string, number: number, outcome: EndedQueue): Bytes =>
    lineFromHistory(anAttempt('a', { stamp, attempt: number, outcome, reason: 'exit=1', log_bytes: 7 }));
  const tail = (line('1-1', 1, 'error') + line('1-1', 2, 'fail') + line('1-12', 1, 'done')) as Bytes;

  it('is found by its stamp and number, the newest line of several', () => {
    expect(attemptFromHistory(tail, '1-1', 1)).toEqual({
      outcome: 'error',
      reason: 'exit=1',
      logBytes: 7,
      isRetried: false,
      given: {},
      limits: {},
    });
    expect(attemptFromHistory(tail, '1-1', 2)?.outcome).toBe('fail');
    expect(attemptFromHistory(tail, '1-12', 1)?.outcome).toBe('done');
    expect(attemptFromHistory((tail + line('1-1', 1, 'done')) as Bytes, '1-1', 1)?.outcome).toBe('done');
    expect(attemptFromHistory(tail, '1-1', 3)).toBeUndefined();
    expect(attemptFromHistory(tail, '1-2', 1)).toBeUndefined();
  });

  it('tells its job type and what it was given, and passes over what is no such thing', () => {
    const told = {
      job_type: 'app',
      job_version: '1.4',
      search_path: '/opt',
      environment: ['A=1'],
      environment_left_out: 3,
    };
    const given = { searchPath: '/opt', environment: ['A=1'], leftOut: 3 };
    const of = (changed: object): Bytes => lineFromHistory({ ...anAttempt('a', { stamp: '1-1' }), ...changed });
    expect(attemptFromHistory(of(told), '1-1', 1)).toMatchObject({ jobType: 'app@1.4', given });
    const odd = { environment: 'A=1', environment_hidden: [1, 'B'], search_path: 7 };
    expect(attemptFromHistory(of(odd), '1-1', 1)?.given).toEqual({ hidden: ['B'] });
  });

  it('cannot be forged by a variable', () => {
    const forged = anAttempt('a', {
      stamp: '1-1',
      environment: ['stamp=1-9', '"stamp":"1-9"='],
      environment_hidden: ['stamp'],
    });
    expect(attemptFromHistory(lineFromHistory(forged), '1-9', 1)).toBeUndefined();
    expect(nameOfStamp(lineFromHistory(forged), '1-9')).toBeUndefined();
  });

  it('is not found in a piece of a line, at either end of the tail', () => {
    expect(attemptFromHistory(tail.slice(5) as Bytes, '1-1', 1)).toBeUndefined();
    expect(attemptFromHistory(tail.slice(0, -3) as Bytes, '1-12', 1)).toBeUndefined();
  });
});

describe('how something ended', () => {
  const endedAt = Date.parse(at);
  const entry = (changed: Readonly<Record<string, unknown>>) => endedFromHistory({ ...anAttempt('a'), ...changed });

  it('is told of an attempt with its reason, number, stamp and how long it took', () => {
    expect(entry({ duration_ms: 1500 })).toEqual({
      ...{ name: 'a', outcome: 'done', endedAt, reason: 'exit=0', attempt: 1 },
      ...{ durationMs: 1500, stamp: '1700000000-1' },
    });
  });

  it('is told of what a person took away with no more than its line says', () => {
    for (const kind of ['cancelled', 'skipped'] as const) {
      expect(endedFromHistory({ kind, name: 'é', at })).toEqual({ name: bytes('é'), outcome: kind, endedAt });
    }
  });

  it('is not told by a line about something else, of a later version, or without name or time', () => {
    expect(endedFromHistory({ kind: 'monitor-stopped', name: 'a', at })).toBeUndefined();
    expect(entry({ outcome: 'melted' })).toBeUndefined();
    expect(entry({ kind: 'melted' })).toBeUndefined();
    expect(entry({ name: 7 })).toBeUndefined();
    expect(entry({ ended_at: 'soon' })).toBeUndefined();
    expect(entry({ ended_at: 1_700_000_000_000 })).toBeUndefined();
    expect(endedFromHistory({ kind: 'done', outcome: 'error', name: 'a', at })?.outcome).toBe('done');
  });

  it('leaves out what is of another kind than it should be', () => {
    expect(entry({ reason: 5, attempt: '1', duration_ms: '9', stamp: null })).toEqual({
      ...{ name: 'a', outcome: 'done', endedAt },
    });
  });

  it('is told of the last so many, oldest first, whatever stands between them', () => {
    const started: HistoryEntry = { kind: 'monitor-started', at, host: 'h', monitor_version: '1' };
    const tail = tailOf(anAttempt('a'), started, anAttempt('b'), anAttempt('c'));
    const names = (text: string, count: number) => endedFromTail(text as Bytes, count).map(({ name }) => name);
    expect(names(tail, 9)).toEqual(['a', 'b', 'c']);
    expect(names(tail, 2)).toEqual(['b', 'c']);
    expect(names(tail, 0)).toEqual([]);
    expect(names(tail.slice(5), 9)).toEqual(['b', 'c']);
    expect(names(tail.slice(0, -5), 9)).toEqual(['a', 'b']);
    expect(names(`{nonsense}\n${tail}`, 9)).toEqual(['a', 'b', 'c']);
  });
});

it('the stamps in a tail are those of its lines, and not one that a name only spells', () => {
  const tail = tailOf(attempt('a', '1-1', 'x'), attempt('"stamp":"7-7"', '1-12', 'y'));
  expect(stampsFromTail(tail).map(textFromStamp)).toEqual(['1-1', '1-12']);
});

describe('a line that is not whole, or not what it seems', () => {
  const line = lineFromHistory(anAttempt('a'));

  it('is no entry: a piece that a kill left counts for nothing', () => {
    expect(hasEntry(line.slice(0, -5) as Bytes, () => true)).toBe(false);
    expect(hasEntry(line, () => true)).toBe(true);
    expect(hasEntry(line.trimEnd() as Bytes, () => true)).toBe(true);
  });

  it('tells nothing of an attempt', () => {
    const { stamp, attempt: number } = anAttempt('a');
    const found = (text: string) => attemptFromHistory(text as Bytes, stamp, number);
    const known = { outcome: 'done', reason: 'exit=0', logBytes: 0, isRetried: false, given: {}, limits: {} };
    expect(found(line)).toEqual(known);
    expect(found(line.trimEnd())).toBeUndefined();
    expect(found(line.slice(1))).toBeUndefined();
    expect(found(`{"stamp":"${stamp}", nonsense}\n`)).toBeUndefined();
    expect(found(`"stamp":"${stamp}"\n`)).toBeUndefined();
    expect(found(`${line}"stamp":"${stamp}"`)).toEqual(known);
    for (const wrong of [{ outcome: 5 }, { reason: null }, { log_bytes: '0' }, { kind: 'later' }, { attempt: 2 }]) {
      const changed = JSON.stringify({ ...anAttempt('a'), ...wrong });
      expect(found(`${changed}\n`), changed).toBeUndefined();
      expect(found(`${line}${changed}\n`), changed).toEqual(known);
    }
    const nested = JSON.stringify({ ...anAttempt('a'), stamp: '1-1', extra: { stamp } });
    expect(found(`${nested}\n`)).toBeUndefined();
  });

  it('tells the name in the line of the stamp, and of no line before or behind it', () => {
    const others = [anAttempt('first', { stamp: '1-1' }), anAttempt('mine', { stamp: '1-2' })];
    const tail = tailOf(...others, anAttempt('last', { stamp: '1-3' }));
    expect(nameOfStamp(tail, '1-1')).toBe('first');
    expect(nameOfStamp(tail, '1-2')).toBe('mine');
    expect(nameOfStamp('"stamp":"1-1"\n{"name":"next"}\n' as Bytes, '1-1')).toBeUndefined();
    expect(nameOfStamp('{"name":"before"}\n"stamp":"1-1"' as Bytes, '1-1')).toBeUndefined();
  });
});
