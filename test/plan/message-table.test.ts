import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageFromText, messageTable } from '../../src/plan/message-table.ts';
import { anyText } from '../support/any-text.ts';

describe('a message', () => {
  it('of every form in the table is known by its keyword', () => {
    for (const { keyword, form } of messageTable) {
      const rest = form.slice(keyword.length).trim();
      expect(messageFromText(form), form).toEqual({ kind: 'message', keyword, rest, by: undefined });
      expect(messageFromText(`  ${form}  by=ada \r`), form).toEqual({ kind: 'message', keyword, rest, by: 'ada' });
    }
  });

  it('is known by the longest keyword that fits', () => {
    expect(messageFromText('SHUTDOWN KILL')).toMatchObject({ keyword: 'SHUTDOWN KILL', rest: '' });
    expect(messageFromText('SHUTDOWN now')).toMatchObject({ keyword: 'SHUTDOWN', rest: 'now' });
    expect(messageFromText('RESUME JOB a')).toEqual({ kind: 'later', keyword: 'RESUME JOB' });
    expect(messageFromText('PAUSE FLOW nightly')).toEqual({ kind: 'later', keyword: 'PAUSE FLOW' });
  });

  it('keeps a name as it was written, blanks and quotes too', () => {
    expect(messageFromText('KILL JOB "two  words" by=cron')).toMatchObject({ rest: '"two  words"', by: 'cron' });
    expect(messageFromText('KILL JOB two words')).toMatchObject({ rest: 'two words' });
    expect(messageFromText('KILL JOB by=')).toMatchObject({ rest: 'by=', by: undefined });
    expect(messageFromText('KILL JOB "by=x y"')).toMatchObject({ rest: '"by=x y"', by: undefined });
  });

  it.each(['', ' ', 'help', 'Pause', 'KILL', 'KILL  JOB x', 'KILLJOB', 'PAUSED', 'HELP!', 'by=ada', '# HELP'])(
    '%j is none',
    (line) => {
      expect(messageFromText(line)).toEqual({ kind: 'unknown' });
    },
  );

  it('that is known but not acted on yet is told from one that is none', () => {
    for (const line of ['RETRY a', 'HOLD a by=x', 'ENABLE nightly', 'CLOSE FLOW x']) {
      expect(messageFromText(line).kind, line).toBe('later');
    }
  });

  it('is read whatever stands in it, without a throw and in time', () => {
    fc.assert(fc.property(anyText(), (line) => void messageFromText(line)));
    const word = fc.constantFrom(...messageTable.map(({ keyword }) => keyword), 'by=', 'by=x', ' ', '\t', '"', 'x');
    fc.assert(fc.property(fc.array(word), (words) => void messageFromText(words.join(''))));
    const startedAt = performance.now();
    for (const filler of [' ', 'x', ' x', ' by=']) messageFromText(`HELP${filler.repeat(200_000)}!`);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
