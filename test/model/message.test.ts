import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Message, messageFromText, messageTable } from '../../src/model/message.ts';
import { anyText } from '../support/any-text.ts';

const read = (line: string): unknown => messageFromText(line).message;
const refused = (line: string): string => {
  const { message } = messageFromText(line);
  return message.kind === 'refused' ? message.why : `taken: ${message.kind}`;
};
const about = (keyword: string, name: string, text = ''): unknown => ({ kind: 'uow', keyword, name, text });

describe('a message', () => {
  it('of every form in the table is read, signed or not', () => {
    const kinds: Record<(typeof messageTable)[number]['takes'], Message['kind']> = {
      ...{
        nothing: 'plain',
        count: 'slots',
        'name-and-count': 'resource',
        'group-name': 'group',
        'optional-name': 'kill-job',
        fields: 'submit',
      },
      ...{
        name: 'uow',
        'schedule-name': 'schedule',
        'flow-name': 'flow',
        'name-and-note': 'uow',
        'name-and-text': 'uow',
      },
    };
    for (const { keyword, form, takes } of messageTable) {
      expect(form.startsWith(keyword), form).toBe(true);
      expect(keyword, form).toMatch(/^[A-Z]+( [A-Z]+)?$/);
      const line = form.replace(/\bN$/, '4').replace(' …', '');
      expect(read(line), form).toMatchObject({ kind: kinds[takes] });
      expect(messageFromText(`  ${line}  by=ada \r`), form).toEqual({ message: read(line), by: 'ada' });
    }
  });

  it('is known by the longest keyword that fits', () => {
    expect(read('SHUTDOWN KILL')).toEqual({ kind: 'plain', keyword: 'SHUTDOWN KILL' });
    expect(refused('SHUTDOWN now')).toBe('SHUTDOWN stands alone on its line');
    expect(read('RESUME')).toEqual({ kind: 'plain', keyword: 'RESUME' });
    expect(read('RESUME JOB a')).toEqual(about('RESUME JOB', 'a'));
    expect(read('CLOSE FLOW nightly')).toEqual({ kind: 'flow', keyword: 'CLOSE FLOW', name: 'nightly' });
  });

  it('takes a name as it is printed, in quotes or, where nothing follows it, without', () => {
    expect(messageFromText('KILL JOB "two  words" by=cron')).toEqual({
      message: { kind: 'kill-job', name: 'two  words' },
      by: 'cron',
    });
    expect(read('HOLD two words')).toEqual(about('HOLD', 'two words'));
    expect(read('RETRY "a\\nb\\xff"')).toEqual(about('RETRY', 'a\nb\xff'));
    expect(read('KILL JOB')).toEqual({ kind: 'kill-job' });
    expect(messageFromText('KILL JOB by=')).toEqual({ message: { kind: 'kill-job', name: 'by=' } });
    expect(messageFromText('KILL JOB "x by=y"')).toEqual({ message: { kind: 'kill-job', name: 'x by=y' } });
    expect(messageFromText('KILL JOB "by=x y"')).toEqual({ message: { kind: 'kill-job', name: 'by=x y' } });
  });

  it('takes what stands behind the name', () => {
    expect(read('NOTE a disk was  full')).toEqual(about('NOTE', 'a', 'disk was  full'));
    expect(read('NOTE "a b" "quoted" note')).toEqual(about('NOTE', 'a b', '"quoted" note'));
    expect(read('ACK a')).toEqual(about('ACK', 'a'));
    expect(read('PRIORITY a -5')).toEqual(about('PRIORITY', 'a', '-5'));
    for (const line of ['NOTE', 'NOTE a', 'PRIORITY a', 'HOLD', 'ACK']) {
      expect(refused(line), line).toMatch(/^write (NOTE|PRIORITY|HOLD|ACK) NAME/);
    }
  });

  it('SUBMIT takes a job type and its fields', () => {
    expect(read('SUBMIT backup')).toEqual({ kind: 'submit', jobType: 'backup', fields: [] });
    expect(read('SUBMIT backup@1.4 target=/srv env.A="two words" label=x label="a\\"b"')).toEqual({
      kind: 'submit',
      jobType: 'backup@1.4',
      fields: [
        ['target', '/srv'],
        ['env.A', 'two words'],
        ['label', 'x'],
        ['label', 'a"b'],
      ],
    });
    expect(refused('SUBMIT')).toMatch(/^write SUBMIT, a job type/);
    expect(refused('SUBMIT a=b')).toMatch(/^write SUBMIT, a job type/);
    expect(refused('SUBMIT backup target /srv')).toBe('write FIELD=VALUE, not target');
    expect(refused('SUBMIT backup =x')).toBe('write FIELD=VALUE, not =x');
  });

  it('RESOURCE takes a name and a whole number from 0 on', () => {
    expect(read('RESOURCE database 0')).toEqual({ kind: 'resource', name: 'database', count: 0 });
    for (const bad of [
      'RESOURCE',
      'RESOURCE a',
      'RESOURCE 3',
      'RESOURCE a -1',
      'RESOURCE a 1 2',
      'RESOURCE none 1',
      'RESOURCE a 9999999',
    ])
      expect(refused(bad), bad).toBe('write RESOURCE NAME N, N from 0 on');
  });

  it('SLOTS takes a whole number from 1 on', () => {
    expect(read('SLOTS 12')).toEqual({ kind: 'slots', count: 12 });
    for (const bad of ['SLOTS', 'SLOTS 0', 'SLOTS -1', 'SLOTS 1.5', 'SLOTS x', 'SLOTS 1 2', 'SLOTS 123456']) {
      expect(refused(bad), bad).toBe('write SLOTS and a whole number from 1 on');
    }
  });

  it.each(['', ' ', 'help', 'Pause', 'KILL', 'KILL  JOB x', 'KILLJOB', 'PAUSED', 'HELP!', 'by=ada', '# HELP'])(
    '%j is none',
    (line) => {
      expect(refused(line)).toBe('no such message: write HELP for the list');
    },
  );

  it('is read whatever stands in it, without a throw and in time', () => {
    fc.assert(fc.property(anyText(), (line) => void messageFromText(line)));
    const word = fc.constantFrom(
      ...messageTable.map(({ keyword }) => keyword),
      'by=',
      'by=x',
      ' ',
      '\t',
      '"',
      'x',
      'a=',
    );
    fc.assert(fc.property(fc.array(word), (words) => void messageFromText(words.join(''))));
    const startedAt = performance.now();
    for (const keyword of ['HELP', 'NOTE ', 'NOTE "', 'SUBMIT x a="', 'SUBMIT x ']) {
      for (const filler of [' ', 'x', ' x', ' by=', '\\"', 'a=b '])
        messageFromText(`${keyword}${filler.repeat(100_000)}!`);
    }
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });
});
