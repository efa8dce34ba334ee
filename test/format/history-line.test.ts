import { describe, expect, it } from 'vitest';
import {
  attemptFromHistory,
  hasRun,
  type HistoryEntry,
  lineFromHistory,
  nameOfStamp,
} from '../../src/format/history-line.ts';
import type { Bytes } from '../../src/model/bytes.ts';
import { bytes } from '../support/builders.ts';

function tailOf(...entries: readonly HistoryEntry[]): Bytes {
  return entries.map(lineFromHistory).join('') as Bytes;
}

const attempt = (name: string, stamp: string, id: string): HistoryEntry => ({ kind: 'attempt', id, name, stamp });

describe('a line of history.jsonl', () => {
  it('is one line of JSON in UTF-8, without what is not known', () => {
    const line = lineFromHistory({ kind: 'attempt', id: 'x', name: 'é\n"', exit: undefined, duration_ms: 5 });
    expect(line).toBe(bytes('{"kind":"attempt","id":"x","name":"é\\n\\"","duration_ms":5}\n'));
  });

  it('is found by the id of its attempt, and by no part of it', () => {
    const tail = tailOf(attempt('a', '1-1', '1-1.1-aaaaaa'));
    expect(hasRun(tail, '1-1.1-aaaaaa')).toBe(true);
    expect(hasRun(tail, '1-1.1-aaaaa')).toBe(false);
    expect(hasRun(tailOf(attempt('"id":"x"', '1-1', 'y')), 'x')).toBe(false);
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

  it('cannot be forged by a name', () => {
    const tail = tailOf(attempt('mine', '1-1', 'a'), attempt('"stamp":"1-1","name":"forged"', '1-2', 'b'));
    expect(nameOfStamp(tail, '1-1')).toBe('mine');
  });
});

describe('an attempt in the history', () => {
  const line = (stamp: string, number: number, outcome: string): Bytes =>
    lineFromHistory({ kind: 'attempt', name: 'a', stamp, attempt: number, outcome, reason: 'exit=1', log_bytes: 7 });
  const tail = (line('1-1', 1, 'error') + line('1-1', 2, 'fail') + line('1-12', 1, 'done')) as Bytes;

  it('is found by its stamp and number, the newest line of several', () => {
    expect(attemptFromHistory(tail, '1-1', 1)).toEqual({ outcome: 'error', reason: 'exit=1', logBytes: 7 });
    expect(attemptFromHistory(tail, '1-1', 2)?.outcome).toBe('fail');
    expect(attemptFromHistory(tail, '1-12', 1)?.outcome).toBe('done');
    expect(attemptFromHistory((tail + line('1-1', 1, 'done')) as Bytes, '1-1', 1)?.outcome).toBe('done');
    expect(attemptFromHistory(tail, '1-1', 3)).toBeUndefined();
    expect(attemptFromHistory(tail, '1-2', 1)).toBeUndefined();
  });

  it('is not found in a piece of a line, at either end of the tail', () => {
    expect(attemptFromHistory(tail.slice(5) as Bytes, '1-1', 1)).toBeUndefined();
    expect(attemptFromHistory(tail.slice(0, -3) as Bytes, '1-12', 1)).toBeUndefined();
  });
});
