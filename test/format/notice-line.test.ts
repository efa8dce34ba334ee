import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFromLine, endOfAnswer, lineFromNotice } from '../../src/format/notice-line.ts';
import { type Bytes, utf8FromBytes } from '../../src/model/bytes.ts';
import type { Notice } from '../../src/model/notice.ts';
import { anyText } from '../support/any-text.ts';
import { bytes, testNow } from '../support/builders.ts';

const said = (notice: Notice): string => utf8FromBytes(lineFromNotice(notice, testNow));

describe('a line of monitor_says', () => {
  it.each<[Notice, string]>([
    [{ event: 'answer' }, 'answer -'],
    [
      {
        event: 'ended',
        name: bytes('backup'),
        fields: { outcome: 'done', exit: 0, took: undefined },
        text: 'all well',
      },
      'ended backup outcome=done exit=0 all well',
    ],
    [{ event: 'moved', name: bytes('two words~é') }, 'moved "two words~é"'],
    [{ event: 'moved', name: '\xff' }, 'moved "\\xff"'],
    [
      { event: 'answer', fields: { to: 'KILL JOB "a"', by: '', root: '/ü' } },
      'answer - to="KILL JOB \\"a\\"" by="" root=/ü',
    ],
    [
      { event: 'refused', fields: { to: 'a\nb' }, text: 'x\n2026-11-22T04:31:06Z ended forged' },
      'refused - to="a\\nb" x\\n2026-11-22T04:31:06Z ended forged',
    ],
    [{ event: 'fault', text: '' }, 'fault -'],
  ])('%j', (notice, line) => {
    expect(said(notice)).toBe(`2026-11-22T04:31:06Z ${line}\n`);
  });

  it('is one line, whatever foreign text stands in it', () => {
    const foreign = anyText();
    fc.assert(
      fc.property(foreign, foreign, foreign, (name, value, text) => {
        const line = said({ event: 'ended', name: bytes(name), fields: { value }, text });
        expect(line).toMatch(/^2026-11-22T04:31:06Z ended [^\p{Cc}\u2028\u2029]*\n$/u);
      }),
    );
  });
});

describe('an answer in monitor_says', () => {
  const answered = (notice: Notice, ...to: readonly string[]): unknown => answerFromLine(said(notice).trimEnd(), to);

  it('is told from every other line by the message that it quotes', () => {
    const notice: Notice = { event: 'answer', fields: { to: 'KILL JOB "a b"', by: 'me' }, text: 'ending "a b"' };
    expect(answered(notice, 'KILL JOB "a b"')).toEqual({ event: 'answer', text: 'ending "a b"' });
    expect(answered(notice, 'KILL JOB', 'KILL JOB "a b"')).toEqual({ event: 'answer', text: 'ending "a b"' });
    expect(answered(notice, 'KILL JOB "a"')).toBeUndefined();
    expect(answered(notice)).toBeUndefined();
    expect(answered({ event: 'ended', name: bytes('to=PAUSE'), text: 'to=PAUSE' }, 'PAUSE')).toBeUndefined();
  });

  it('may be about a UOW, have no by=, and a text of any form', () => {
    const notice: Notice = { event: 'refused', name: bytes('a b'), fields: { to: 'PAUSE' }, text: 'by = x to=y' };
    expect(answered(notice, 'PAUSE')).toEqual({ event: 'refused', text: 'by = x to=y' });
    expect(answered({ event: 'config', fields: { to: 'RELOAD', by: '' } }, 'RELOAD')).toEqual({
      event: 'config',
      text: '',
    });
  });

  it('to a message that was cut in the midst of a character is found', () => {
    const to = 'NOTE a 😀'.slice(0, -1);
    expect(answered({ event: 'answer', fields: { to }, text: 'x' }, to)).toEqual({ event: 'answer', text: 'x' });
  });

  it('of any message is found, whatever is in it', () => {
    fc.assert(
      fc.property(anyText(), (to) => {
        expect(answered({ event: 'answer', fields: { to }, text: 'x' }, to)).toEqual({ event: 'answer', text: 'x' });
      }),
    );
  });
});

describe('that a message was answered', () => {
  const lines = (...notices: readonly Notice[]) =>
    notices.map((each) => lineFromNotice(each, testNow)).join('') as Bytes;
  const started: Notice = { event: 'started', name: bytes('a') };

  it('is seen at a line that quotes it whole, whoever sent it and whatever was answered', () => {
    for (const event of ['answer', 'refused'] as const) {
      for (const by of [undefined, 'ada']) {
        const said = lines(started, { event, fields: { to: 'NOTE a "x"', by }, text: 'noted' }, started);
        expect(endOfAnswer(said, 'NOTE a "x"')).toBe(said.length - lines(started).length);
        expect(endOfAnswer(said, 'NOTE a')).toBe(undefined);
      }
    }
    for (const to of ['PAUSE', '']) {
      const said = lines({ event: 'answer', fields: { to } });
      expect(endOfAnswer(said, to)).toBe(said.length);
    }
  });

  it('of several lines is one answer, and the next one to the like another', () => {
    const help: Notice = { event: 'answer', fields: { to: 'HELP' }, text: 'a line of it' };
    const first = lines(started, help, help);
    expect(endOfAnswer((first + lines(started, help)) as Bytes, 'HELP')).toBe(first.length);
  });

  it('is not seen at a line about a UOW, of another event, or that only mentions it', () => {
    const said = lines(
      { event: 'answer', name: bytes('a'), fields: { to: 'PAUSE' } },
      { event: 'attention', fields: { to: 'PAUSE' } },
      { event: 'answer', fields: { to: 'HELP' }, text: '- to=PAUSE' },
      { event: 'answer', fields: { to: 'PAUSED' } },
    );
    expect(endOfAnswer(said, 'PAUSE')).toBe(undefined);
    expect(endOfAnswer('' as Bytes, 'PAUSE')).toBe(undefined);
    expect(endOfAnswer(' - to=PAUSE' as Bytes, 'PAUSE')).toBe(undefined);
  });

  it('quotes an empty value, so that no field is without one', () => {
    expect(said({ event: 'answer', fields: { to: '' } })).toMatch(/ to=""\n$/);
  });
});
