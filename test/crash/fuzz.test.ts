// Everything that reads what others wrote, against inputs that nobody means to write: 200,000 in a common run, a hundred times as
// many in torture. Not only that nothing is thrown: what is read must be there, an edit changes what it must and no more, a torn
// result is none, and no text that is shown can move a cursor or fake a line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configFromYaml } from '../../src/format/config-yaml.ts';
import { headLines } from '../../src/format/head-lines.ts';
import {
  attemptFromHistory,
  endedFromTail,
  hasEntry,
  lineFromHistory,
  nameOfStamp,
} from '../../src/format/history-line.ts';
import { instantFromText } from '../../src/format/instant.ts';
import { jobTypeFromYaml } from '../../src/format/job-type-yaml.ts';
import { linesFromMessages } from '../../src/format/message-lines.ts';
import { answerFromLine, endOfAnswer, lineFromNotice } from '../../src/format/notice-line.ts';
import { progressFromText } from '../../src/format/progress-text.ts';
import {
  resultFromText,
  resultLineBytes,
  runRecordFromText,
  textFromEnding,
  textFromResult,
  textFromRunRecord,
} from '../../src/format/run-record.ts';
import { noteLine, resultLine } from '../../src/format/separators.ts';
import { statusFromText, statusLineFromStatus } from '../../src/format/status-line.ts';
import { canHoldStatus, fieldEdited, stampedUow } from '../../src/format/uow-edit.ts';
import { parseUow } from '../../src/format/uow-parse.ts';
import { type Bytes, bytesFromUtf8, nameFromShown, shownFromName, utf8FromBytes } from '../../src/model/bytes.ts';
import { type Problem, textFromProblem } from '../../src/model/errors.ts';
import { exitsFromText, fieldFault, headerFields } from '../../src/model/header.ts';
import { messageFromText, messageTable } from '../../src/model/message.ts';
import { patternFromText } from '../../src/model/pattern.ts';
import { sizeBytesFromText } from '../../src/model/size.ts';
import { stampFromText, textFromStamp } from '../../src/model/stamp.ts';
import type { Status } from '../../src/model/status.ts';
import { durationMsFromText, textFromDurationMs } from '../../src/model/time.ts';
import type { HeaderLine, UowHead } from '../../src/model/uow.ts';
import { anyBytes, anyUow, shortStatus } from '../format/arbitrary.ts';
import { anAttempt, aRecord, aResult, bytes, testNow } from '../support/builders.ts';
import { mutated } from '../support/mutated.ts';
import { figure, seed, times } from '../support/rig.ts';

/** So many inputs at once, then others may have the processor: vitest asks whether this one still lives. */
const atOnce = 20_000;

/** A property that so many inputs must have in a common run, and a hundred times as many in torture. */
function fuzz<T>(title: string, inputs: number, arbitrary: fc.Arbitrary<T>, check: (input: T) => void): void {
  it(
    title,
    async () => {
      const all = times(inputs, inputs * 100);
      for (let done = 0; done < all; done += atOnce) {
        fc.assert(fc.property(arbitrary, check), {
          numRuns: Math.min(atOnce, all - done),
          seed: seed * 1_000_003 + done,
        });
        await new Promise((resolve) => setImmediate(resolve));
      }
      figure('fuzz', 'inputs', all);
    },
    6 * 3_600_000,
  );
}

/** Far cheaper than expect(), of which each input needs many. */
function must(isSo: boolean, what: string, ...of: readonly unknown[]): asserts isSo {
  if (!isSo) throw new Error(`${what}: ${of.map((each) => JSON.stringify(each)).join(' | ')}`);
}

function mustBeSame(found: unknown, wanted: unknown, what: string): void {
  must(isDeepStrictEqual(found, wanted), what, found, wanted);
}

const harmful = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function mustBeShowable(text: string): void {
  must(!harmful.test(text), 'it can move a cursor', text);
}

function mustBeTellable(problems: readonly Problem[], text: string): void {
  const lines = text.split('\n').length;
  must(problems.length <= 110, 'more problems than anybody reads', problems.length);
  for (const problem of problems) {
    must(Number.isInteger(problem.line) && problem.line >= 0 && problem.line <= lines, 'no such line', problem, lines);
    mustBeShowable(textFromProblem(problem));
  }
}

function golden(folder: string, ending: string): readonly Bytes[] {
  const path = join(import.meta.dirname, '../format/golden', folder);
  const names = readdirSync(path).filter((name) => name.endsWith(ending));
  return names.map((name) => readFileSync(join(path, name), 'latin1') as Bytes);
}

describe('the head of a UOW', () => {
  const file = mutated(
    [...golden('uow', '.uow'), ...golden('uow', '.stamped')],
    anyUow.map((uow) => uow.bytes),
  );
  const stamp = { seconds: 1_795_329_066, ordinal: 2 };
  const contents = (header: readonly HeaderLine[]): unknown => header.map(({ name, content }) => [name, content]);

  function mustBeUow(text: Bytes): UowHead {
    const parsed = parseUow(text);
    must(parsed.kind === 'uow', 'it is no UOW any more', parsed, text);
    return parsed.head;
  }

  /** The lines that no edit touches: all but blank ones, the stamp's and the status's. A title may get a line end. */
  function kept(head: Bytes, isStamped: boolean): readonly string[] {
    return headLines(head)
      .filter(({ kind, section }) => kind !== 'blank' && !(kind === 'content' && section === 'status'))
      .filter(({ kind, number }) => !(isStamped && number === 1 && kind === 'content'))
      .map(({ start, next }) => head.slice(start, next).replace(/[\r\n]+$/, ''));
  }

  const isNew = /^==== (STATUS|JOB LOG)$|^label :: |^customer :: |^priority :: /;

  fuzz('is read or refused with what is wrong and where', 50_000, file, (text) => {
    const parsed = parseUow(text);
    mustBeTellable(parsed.kind === 'uow' ? parsed.warnings : parsed.problems, text);
    if (parsed.kind === 'invalid') {
      must(parsed.problems.length > 0, 'refused for nothing', text);
      return;
    }
    const { header, layout } = parsed.head;
    const lines = text.split('\n');
    for (const { name, content, line } of header) {
      const written = utf8FromBytes(lines[line - 1] ?? '');
      must(
        written.toLowerCase().includes(name.toLowerCase()) && written.includes(content),
        'no such field',
        name,
        line,
      );
    }
    if (layout.logOffset === undefined) return;
    must(
      /^====\s+JOB\s+LOG\s*$/im.test(text.slice(0, layout.logOffset).split('\n').at(-2) ?? ''),
      'no log begins here',
      text,
    );
    const forged = text.slice(0, layout.logOffset) + '==== STATUS\ndone\n==== UNIT OF WORK\n\0\xff';
    mustBeSame(parseUow(forged as Bytes), parsed, 'what a job prints changes what is read');
  });

  fuzz(
    'is stamped so that the same UOW is read, once and for all',
    25_000,
    fc.tuple(file, shortStatus),
    ([text, status]) => {
      const parsed = parseUow(text);
      if (parsed.kind === 'invalid') return;
      const before = parsed.head;
      const head = text.slice(0, before.layout.logOffset ?? text.length) as Bytes;
      const change = { stamp, event: 'enqueued', status };
      const stamped = stampedUow(head, before, change);
      const after = mustBeUow(stamped);
      mustBeSame(contents(after.header), contents(before.header), 'its fields');
      mustBeSame(
        [after.stamp, after.event, after.status],
        [stamp, 'enqueued', structuredClone(status)],
        'what was written',
      );
      must(canHoldStatus(after.layout), 'it cannot hold a status', stamped);
      must(stampedUow(stamped, after, change) === stamped, 'stamped again it changes', stamped);
      const wanted = kept(head, before.stamp !== undefined);
      const found = kept(stamped, true);
      const added = found.filter((line) => !wanted.includes(line));
      must(
        added.every((line) => isNew.test(line)),
        'lines came',
        added,
      );
      mustBeSame(
        found.filter((line) => wanted.includes(line)),
        wanted,
        'lines went',
      );
    },
  );

  const field = fc.constantFrom('customer', 'label', 'priority', 'env.A', 'Customer');
  const content = fc.oneof(
    fc.nat(99_999).map(String),
    anyBytes.map((each) => `x${utf8FromBytes(each)}`),
  );
  fuzz('takes an edit of one field and nothing else', 20_000, fc.tuple(file, field, content), ([text, name, typed]) => {
    const parsed = parseUow(text);
    if (parsed.kind === 'invalid') return;
    const before = parsed.head;
    const value = name === 'priority' ? '7' : typed.replace(/[\r\n\0]/g, '');
    const head = text.slice(0, before.layout.logOffset ?? text.length) as Bytes;
    const edited = fieldEdited(head, before, name, value);
    const parsedAgain = parseUow(edited);
    // Only one that was nearly too long can have become so.
    if (parsedAgain.kind === 'invalid' && edited.length > 65_000) return;
    const after = mustBeUow(edited);
    const key = name.startsWith('env.') ? name : name.toLowerCase();
    const wanted = before.header.map(({ name: each, content: of }) => [each, of]);
    const at = wanted.findLastIndex(([each]) => each === key);
    if (at >= 0) wanted[at] = [key, value.trim()];
    else wanted.push([key, value.trim()]);
    mustBeSame(contents(after.header), wanted, 'its fields');
    mustBeSame(
      [after.stamp, after.event, after.status],
      [before.stamp, before.event, before.status],
      'stamp and status',
    );
    must(!canHoldStatus(before.layout) || canHoldStatus(after.layout), 'it cannot hold a status any more', edited);
  });
});

describe('one line', () => {
  const statusLine = mutated(
    ['waiting held #0 2026-11-22T04:31:06Z', 'done exit=0 log! #1 2026-11-22T04:31:06Z 12.3s'] as unknown as Bytes[],
    shortStatus.map((status) => statusLineFromStatus(status, '\n')),
  );
  fuzz('of STATUS is read as it is written, or not at all', 25_000, statusLine, (text) => {
    const status = statusFromText(text);
    if (!status) return;
    const line = statusLineFromStatus(status, '\n');
    must(line.length === 64 && line.endsWith('\n'), 'it takes another place', line);
    const again = statusFromText(line);
    must(again !== undefined, 'what was read cannot be read again', line);
    const told = ({ word, reason, attempt, at }: Status): unknown => [word, reason, attempt, at];
    mustBeSame(told(again), told(status), 'it says something else');
    const isFlag = again.flags.every((flag) => status.flags.includes(flag));
    must(isFlag, 'a flag came', again.flags, status.flags);
  });

  const message = mutated(
    messageTable.map(({ form }) => bytes(form.replace('NAME', '"a b"').replace(' N', ' 7'))),
    anyBytes.map((name) => bytesFromUtf8(`HOLD ${shownFromName(name)} by=ada`)),
  );
  fuzz('of messages is acted on or refused, and answered on one line', 20_000, message, (text) => {
    const lines = linesFromMessages(text, 7, true);
    must((lines.at(-1)?.endOffset ?? 7) === 7 + text.length, 'bytes were passed over', text);
    const [finished, all] = [linesFromMessages(text, 0, false).length, lines.length];
    must(finished === all || finished === all - 1, 'lines are missing', finished, all);
    for (const line of lines) {
      const parsed = messageFromText(utf8FromBytes(line.text));
      if (parsed.message.kind === 'kill-job' || parsed.message.kind === 'uow') {
        const { name } = parsed.message;
        must(name === undefined || nameFromShown(shownFromName(name)) === name, 'another name', name);
      }
      const why = parsed.message.kind === 'refused' ? parsed.message.why : 'done';
      const to = utf8FromBytes(line.text).trim().slice(0, 200);
      const answer = lineFromNotice({ event: 'answer', fields: { to, by: parsed.by }, text: why }, testNow);
      mustBeShowable(utf8FromBytes(answer.slice(0, -1)));
      must(answer.endsWith('\n'), 'a line that does not end', answer);
      must(endOfAnswer(answer, to) === answer.length, 'the answer is not found again', answer, to);
      must(
        answerFromLine(utf8FromBytes(answer.slice(0, -1)), [to]) !== undefined,
        'nobody knows the answer',
        answer,
        to,
      );
    }
  });

  fuzz('of a name gives the name back and moves no cursor', 10_000, anyBytes, (name) => {
    const shown = shownFromName(name);
    mustBeShowable(shown);
    must(nameFromShown(shown) === name, 'another name', name, shown);
    for (const line of [
      noteLine(testNow, utf8FromBytes(name), utf8FromBytes(name)),
      resultLine(JSON.stringify(name)),
    ]) {
      mustBeShowable(utf8FromBytes(line.slice(1, -1)));
    }
  });

  const told = mutated(
    ['90', '1h30m', '+2h', '2026-11-22 07:00', '07:00', '1-2', '1, 24-26', '512M', '0.5s'] as unknown as Bytes[],
    anyBytes,
  );
  fuzz('of a duration, an instant, a stamp or a content is a number or nothing', 12_000, told, (text) => {
    const durationMs = durationMsFromText(text);
    must(durationMs === undefined || (Number.isSafeInteger(durationMs) && durationMs >= 0), 'no duration', durationMs);
    if (durationMs !== undefined) textFromDurationMs(durationMs);
    const at = instantFromText(text, testNow);
    must(at === undefined || !Number.isNaN(at), 'no instant', text, at);
    const stamp = stampFromText(text);
    must(!stamp || stampFromText(textFromStamp(stamp))?.ordinal === stamp.ordinal, 'another stamp', stamp);
    must(exitsFromText(text)?.every((code) => code >= 0 && code <= 255) !== false, 'no exit codes', text);
    const sizeBytes = sizeBytesFromText(text);
    must(sizeBytes === undefined || sizeBytes >= 0, 'no size', sizeBytes);
    for (const row of headerFields) mustBeShowable(fieldFault(row, text) ?? '');
    const progress = progressFromText(text);
    mustBeShowable(progress?.note ?? '');
    must(progress?.percent === undefined || progress.percent <= 100, 'more than all', progress);
  });
});

describe('the monitor’s own files', () => {
  const record = aRecord('a', { launch: { secrets: [bytes('A=/a')] } });
  const whole = textFromRunRecord(record);
  const ended =
    textFromResult(aResult(3)) + textFromEnding({ destination: { queue: 'error', suffix: 2 } }) + whole.slice(320);

  fuzz(
    'a run record that is torn or garbled is none, or the very one',
    25_000,
    mutated([whole, ended as Bytes], anyBytes),
    (text) => {
      const read = runRecordFromText(text);
      if (read) mustBeSame(read.record, record, 'another record');
    },
  );

  const hole = fc.tuple(fc.nat(12), fc.nat(12));
  fuzz('a run record with blocks that never reached the disk is none, or the very one', 3000, hole, ([from, count]) => {
    const text = textFromRunRecord(aRecord('a', { head: 'x'.repeat(4000) as Bytes }));
    const [start, end] = [from * 512, Math.min(text.length, (from + count) * 512)];
    const holed = (text.slice(0, start) + '\0'.repeat(Math.max(0, end - start)) + text.slice(end)) as Bytes;
    const read = runRecordFromText(holed);
    must(!read || text.slice(320) === holed.slice(320), 'another record', from, count);
  });

  const line = textFromResult(aResult(3, { cpuMs: 0 }));
  fuzz('a result without its last dot is none', 6000, mutated([line], anyBytes), (text) => {
    const result = resultFromText(text.slice(0, resultLineBytes));
    must(!result || / \.\s*$/m.test(text.slice(0, resultLineBytes)), 'a piece of a result', text);
    const torn = line.slice(0, text.length % line.trimEnd().length);
    must(resultFromText(torn.padEnd(resultLineBytes)) === undefined, 'a torn result', torn);
  });

  const entries = ['a', 'b"', 'c\n'].map((name, index) => lineFromHistory(anAttempt(name, { stamp: `${index}-1` })));
  fuzz(
    'the history is read past whatever stands in it',
    6000,
    mutated([entries.join('') as Bytes], anyBytes),
    (text) => {
      for (const end of endedFromTail(text, 50)) {
        must(Number.isFinite(end.endedAt) && typeof end.name === 'string', 'no end', end);
        mustBeShowable(shownFromName(end.name));
      }
      hasEntry(text, () => false);
      nameOfStamp(text, '1-1');
      attemptFromHistory(text, '1-1', 1);
    },
  );
});

describe('YAML', () => {
  const example = readFileSync(join(import.meta.dirname, '../../config.example.yaml'), 'utf8').replace(/^#(?! )/gm, '');
  const config = bytes(
    'slots: 2\nstatus:\n  dir: status\nready: {load: 3}\ndefaults:\n  timeout: 2h\nprocnames: [{name: x, timeout: 1h}]\n',
  );
  const withoutStop = bytes(example);

  fuzz(
    'a config is whole, or refused with what is wrong and where',
    3000,
    mutated([config, config, config, withoutStop], anyBytes),
    (text) => {
      const typed = utf8FromBytes(text);
      const parsed = configFromYaml(typed);
      mustBeTellable(parsed.kind === 'config' ? parsed.warnings : parsed.problems, typed);
      if (parsed.kind === 'config')
        must(parsed.config.slots >= 1 && parsed.config.sleepMs > 0, 'no config', parsed.config);
    },
  );

  const jobType = bytes(
    'name: copy\nversion: "1.4"\nargv: [cp, "{from}", "{to}"]\nfields: {from: "[a-z]+", to: {default: x}}\nenvironment: {A: b}\n',
  );
  fuzz('a job type is whole, or refused with what is wrong and where', 6000, mutated([jobType], anyBytes), (text) => {
    const typed = utf8FromBytes(text);
    const parsed = jobTypeFromYaml('copy.yaml', typed);
    mustBeTellable(parsed.kind === 'job-type' ? parsed.warnings : parsed.problems, typed);
  });

  const pattern = mutated(['(a+)+$', '[^\\]]{2,3}|x', '\\p{L}*(?<n>b)?'] as unknown as Bytes[], anyBytes);
  fuzz('a pattern is matched in little time, or refused', 6000, fc.tuple(pattern, anyBytes), ([text, subject]) => {
    const parsed = patternFromText(utf8FromBytes(text));
    if (parsed.kind === 'fault') mustBeShowable(parsed.message);
    else parsed.matches(`${'a'.repeat(40)}${utf8FromBytes(subject)}`);
  });
});

it('a line without end costs no reader more than a moment', () => {
  const slow: string[] = [];
  const kinds = [
    ' ',
    '\t',
    '\r',
    'a',
    ':',
    ' ::',
    '=',
    '"',
    '\\',
    '#',
    '9',
    '0.',
    '9h',
    '{',
    '[',
    '- ',
    '& ',
    '\n',
    '\xc3',
    '. ',
  ];
  for (const kind of kinds) {
    const long = kind.repeat(Math.floor(300_000 / kind.length));
    for (const text of [`==== UNIT OF WORK\n${long}\n`, `HOLD "${long}x`]) {
      const startedAt = performance.now();
      parseUow(text as Bytes);
      statusFromText(text);
      linesFromMessages(text as Bytes, 0, true);
      messageFromText(text);
      runRecordFromText(text as Bytes);
      resultFromText(text);
      progressFromText(text);
      durationMsFromText(text);
      instantFromText(text, testNow);
      endedFromTail(text as Bytes, 50);
      nameOfStamp(text as Bytes, '1-1');
      endOfAnswer(text as Bytes, long);
      answerFromLine(text, [long]);
      configFromYaml(text);
      configFromYaml(text.slice(0, 60_000));
      jobTypeFromYaml('a.yaml', text.slice(0, 60_000));
      patternFromText(text);
      shownFromName(text.slice(0, 10_000));
      // What is not linear takes minutes, even on the fastest machine; what is, far less than this on the slowest.
      if (performance.now() - startedAt > 10_000) slow.push(JSON.stringify(text.slice(0, 30)));
    }
  }
  expect(slow).toEqual([]);
}, 600_000);
