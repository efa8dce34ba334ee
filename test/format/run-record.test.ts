import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  destinationOffset,
  resultFromText,
  resultLineBytes,
  runRecordFromText,
  textFromEnding,
  textFromResult,
  textFromRunRecord,
} from '../../src/format/run-record.ts';
import { type Bytes } from '../../src/model/bytes.ts';
import type { Destination, RunRecord, RunResult } from '../../src/model/run.ts';
import { queueKinds } from '../../src/model/queue.ts';
import { aRecord, aResult, bytes } from '../support/builders.ts';

const withoutNul: fc.Arbitrary<Bytes> = fc
  .uint8Array({ min: 1, maxLength: 40 })
  .map((array) => Buffer.from(array).toString('latin1') as Bytes);
const anyBytes: fc.Arbitrary<Bytes> = fc
  .uint8Array({ maxLength: 200 })
  .map((array) => Buffer.from(array).toString('latin1') as Bytes);
const durationMs = fc.oneof(fc.nat(1000), fc.nat(2 ** 31 - 1), fc.constant(86_400_000 * 36_500));

const anyRecord: fc.Arbitrary<RunRecord> = fc
  .record({
    name: withoutNul.filter((name) => name !== ''),
    head: anyBytes,
    launch: fc.record({
      ...{
        argv: fc.array(withoutNul, { minLength: 1, maxLength: 4 }),
        environment: fc.array(withoutNul, { maxLength: 4 }),
      },
      ...{
        secrets: fc.array(withoutNul, { maxLength: 3 }),
        directory: withoutNul,
        input: withoutNul,
        cgroup: withoutNul,
      },
      ...{ output: fc.constantFrom('tee' as const, 'append' as const), graceMs: durationMs },
      leftovers: fc.constantFrom('kill' as const, 'leave' as const),
      timeoutMs: fc.option(durationMs, { nil: undefined }),
      idleMs: fc.option(durationMs, { nil: undefined }),
      keep: fc.option(fc.record({ fileKib: fc.nat(), headBytes: fc.nat(), tailBytes: fc.nat() }), { nil: undefined }),
      umask: fc.constantFrom(undefined, '027'),
    }),
    errorWhen: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
    jobType: fc.constantFrom(undefined, 'app@1.4'),
  })
  .map(({ name, head, launch: { timeoutMs, umask, idleMs, keep, ...launch }, errorWhen, jobType }) =>
    aRecord('', {
      ...{ name, head, ...(jobType !== undefined && { jobType }) },
      launch: {
        ...launch,
        ...(idleMs !== undefined && { idleMs }),
        ...(keep && { keep }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(umask !== undefined && { umask }),
      },
      judging: { doneExit: [1, 24], ...(errorWhen !== undefined && { errorWhen }) },
    }),
  );

const instant = fc.integer({ min: 0, max: 4e12 });

const anyResult: fc.Arbitrary<RunResult> = fc.record({
  ...{ code: fc.nat(255), left: fc.nat(9999), startedAt: instant, endedAt: instant },
  why: fc.constantFrom('exit', 'timeout', 'killed', 'cannot-start', 'interrupted'),
  tee: fc.oneof(fc.nat(255), fc.constant('open' as const)),
});

/** Puts a line into its reserved place, as an overwrite in place does. */
function overwritten(text: Bytes, offset: number, line: Bytes): Bytes {
  return (text.slice(0, offset) + line + text.slice(offset + line.length)) as Bytes;
}

describe('a run record', () => {
  it('is read as it was written, whatever bytes stand in it', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(runRecordFromText(textFromRunRecord(record))).toEqual({ record });
      }),
    );
  });

  it('looks as this version writes it, result and destination in their places', () => {
    const record = aRecord('two words', {
      ...{ head: bytes('é'), jobType: 'app@1', attempt: 2 },
      launch: { secrets: [bytes('KEY=/etc/key')], argv: ['sh', '-c', 'echo a\necho b'].map(bytes), timeoutMs: 1500 },
    });
    let text = textFromRunRecord(record);
    text = overwritten(text, 0, textFromResult(aResult(3)));
    text = overwritten(text, destinationOffset, textFromEnding({ destination: { queue: 'error', suffix: 2 } }));
    const golden = readFileSync(join(import.meta.dirname, 'golden/run-record'), 'latin1');
    expect(text.replaceAll('\0', '<NUL>')).toBe(golden);
    expect(runRecordFromText(golden.replaceAll('<NUL>', '\0') as Bytes)).toEqual({
      ...{ record, result: aResult(3), destination: { queue: 'error', suffix: 2 } },
    });
  });

  it('has a line for each field where none holds a newline', () => {
    const record = aRecord('two words', {
      ...{ head: bytes('é\n'), jobType: 'app@1', attempt: 2 },
      launch: { secrets: [bytes('KEY=/etc/key')], argv: ['/bin/echo', 'a\tb'].map(bytes), timeoutMs: 1500 },
    });
    const golden = readFileSync(join(import.meta.dirname, 'golden/run-record-in-lines'), 'latin1');
    expect(textFromRunRecord(record)).toBe(golden);
    expect(runRecordFromText(golden as Bytes)).toEqual({ record });
  });

  it('that is torn anywhere is none', () => {
    const text = textFromRunRecord(aRecord('a', { launch: { secrets: [bytes('A=/a')] } }));
    for (let length = 0; length < text.length; length++) {
      expect(runRecordFromText(text.slice(0, length) as Bytes), String(length)).toBeUndefined();
    }
  });

  it('that is another in a single bit is none', () => {
    const text = textFromRunRecord(aRecord('a'));
    for (let at = destinationOffset + 64; at < text.length; at++) {
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ 1) as Bytes;
      const read = runRecordFromText(overwritten(text, at, flipped));
      // What separates fields is nobody's.
      if (read) expect(read, String(at)).toEqual({ record: aRecord('a') });
    }
    expect(runRecordFromText(text.replace('"slots":1', '"slots":2') as Bytes)).toBeUndefined();
    expect(runRecordFromText(text.replace('true', 'fail') as Bytes)).toBeUndefined();
    expect(runRecordFromText(text.replace(/\{.*\}/, 'null') as Bytes)).toBeUndefined();
  });

  it('is read without a throw from any bytes', () => {
    fc.assert(fc.property(anyBytes, (text) => void runRecordFromText(text)));
    const whole = textFromRunRecord(aRecord('a'));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), anyBytes, (at, garbage) => {
        void runRecordFromText(overwritten(whole, at, garbage));
      }),
    );
  });
});

describe('its result', () => {
  it('is read as it was written, and its line always fills the reserved space', () => {
    fc.assert(
      fc.property(anyResult, (result) => {
        const line = textFromResult(result);
        expect(line).toHaveLength(resultLineBytes);
        expect(resultFromText(line)).toEqual(result);
      }),
    );
  });

  it('is read as the guardian writes it, with microseconds', () => {
    const line = 'result code=137 why=timeout started=1795321862.123456 ended=1795321865.000999 tee=open left=2 .\n';
    expect(resultFromText(line)).toEqual({
      ...{ code: 137, why: 'timeout', startedAt: 1795321862123, endedAt: 1795321865000, tee: 'open', left: 2 },
    });
  });

  it('is read behind the cost that the guardian wrote before it, however great', () => {
    const huge = '153722867280912930m7.123s';
    const result =
      'result code=137 why=cannot-start started=9999999999.123456 ended=9999999999.123456 tee=open left=4194304 .\n';
    const text = `${huge} ${huge}\n${huge} ${huge}\n${result}`;
    expect(text.length).toBeLessThan(resultLineBytes);
    expect(resultFromText(text.padEnd(resultLineBytes - 1) + '\n')).toMatchObject({ code: 137, left: 4_194_304 });
    const cost = (times: string): number | undefined => resultFromText(`0m9.000s 0m9.000s\n${times}\n${result}`)?.cpuMs;
    expect(cost('0m0.000s 0m0.000s')).toBe(0);
    expect(cost('0m0.003s 0m0.004s')).toBe(7);
    expect(cost('61m1.500s 2m0.250s')).toBe(63 * 60_000 + 1750);
    expect(cost('nonsense')).toBeUndefined();
  });

  it('is none while only its cost or a piece of its line stands there', () => {
    const text = '0m0.001s 0m0.000s\n0m0.003s 0m0.001s\nresult code=13 why=exit started=1.0 ended=2.0 tee=0 left=0 .';
    expect(resultFromText(text.padEnd(resultLineBytes - 1) + '\n')).toMatchObject({ code: 13, cpuMs: 4 });
    for (let length = 0; length < text.length; length++) {
      expect(resultFromText(text.slice(0, length).padEnd(resultLineBytes - 1) + '\n'), String(length)).toBeUndefined();
    }
  });

  it('that is not whole is none', () => {
    const line = 'result code=13 why=exit started=1.000000 ended=2.000000 tee=0 left=0 .';
    expect(resultFromText(line)).toBeDefined();
    for (let length = 0; length < line.length; length++) {
      expect(resultFromText(line.slice(0, length).padEnd(resultLineBytes - 1) + '\n'), String(length)).toBeUndefined();
    }
    expect(resultFromText(line.replace('exit', 'else'))).toBeUndefined();
    expect(resultFromText(' '.repeat(255) + '\n')).toBeUndefined();
  });
});

describe('its destination', () => {
  const destinations: readonly Destination[] = queueKinds.flatMap((queue) => [
    { queue, suffix: 1 },
    { queue, suffix: 12_345 },
  ]);

  it('is read as it was written', () => {
    const text = textFromRunRecord(aRecord('a'));
    for (const destination of destinations) {
      for (const outputEndsAt of [undefined, 0, Number.MAX_SAFE_INTEGER]) {
        const ending = { destination, ...(outputEndsAt !== undefined && { outputEndsAt }) };
        const line = textFromEnding(ending);
        expect(line).toHaveLength(64);
        expect(runRecordFromText(overwritten(text, destinationOffset, line))).toMatchObject(ending);
      }
    }
  });

  it('may not be decided yet when it is noted where the output ends', () => {
    const record = aRecord('a');
    const line = textFromEnding({ outputEndsAt: 4711 });
    const text = overwritten(textFromRunRecord(record), destinationOffset, line);
    expect(runRecordFromText(text)).toEqual({ record, outputEndsAt: 4711 });
  });

  it('that is not whole is none', () => {
    const text = textFromRunRecord(aRecord('a'));
    for (const line of ['to done 1', 'to done', 'to nowhere 1 .', 'to done 1 output 2', 'output .']) {
      expect(runRecordFromText(overwritten(text, destinationOffset, line as Bytes))?.destination).toBeUndefined();
    }
  });
});
