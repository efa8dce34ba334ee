import { describe, expect, it } from 'vitest';
import type { Action } from '../../../src/model/action.ts';
import { messageTable } from '../../../src/plan/message-table.ts';
import { type Answered, messages } from '../../../src/plan/rules/messages.ts';
import { aClaim, aConfig, aMessage, aResult, aSeen, testNow } from '../../support/builders.ts';

type Changed = Parameters<typeof aSeen>[0];

function told(lines: string | readonly string[], seen: Changed = {}): Answered {
  return messages(aSeen({ ...seen, messages: typeof lines === 'string' ? [lines] : lines }), aConfig());
}

function textsOf({ actions }: Answered): readonly string[] {
  return actions.flatMap((action) =>
    action.kind === 'say' ? `${action.notice.event}: ${action.notice.text ?? ''}` : [],
  );
}

const kindsOf = ({ actions }: Answered): readonly string[] => actions.map(({ kind }) => kind);
const last = ({ actions }: Answered): Action | undefined => actions.at(-1);

describe('every message', () => {
  it('is answered and then noted as acted upon, a bad one too', () => {
    for (const line of [...messageTable.map(({ form }) => form), 'nonsense', 'RETRY a', 'PAUSE now', 'SLOTS 0', '"']) {
      const answered = told(line);
      expect(last(answered), line).toMatchObject({ kind: 'acted', message: { text: line } });
      expect(kindsOf(answered).filter((kind) => kind === 'acted')).toHaveLength(1);
      expect(answered.actions.length, line).toBeGreaterThan(1);
    }
  });

  it('is answered with whose it is and who asked', () => {
    expect(told('PAUSE by=ada').actions).toContainEqual({
      kind: 'say',
      notice: {
        event: 'answer',
        fields: { to: 'PAUSE by=ada', by: 'ada' },
        text: expect.stringContaining('paused') as string,
      },
    });
  });

  it('that is none, or none yet, or has too much on its line is refused', () => {
    expect(textsOf(told('nonsense'))).toEqual(['refused: no such message: write HELP for the list']);
    expect(textsOf(told('RETRY a'))).toEqual(['refused: RETRY is not acted on by this version']);
    expect(textsOf(told('PAUSE please'))).toEqual(['refused: PAUSE stands alone on its line']);
  });
});

describe('the switches', () => {
  it('are set one message after the other, and the plan goes on with the last', () => {
    const answered = told(['PAUSE', 'SLOTS 4', 'RESUME', 'FINISH']);
    expect(answered.control).toEqual({ paused: false, finishing: true, slots: 4 });
    expect(answered.actions.flatMap((action) => (action.kind === 'control' ? action.control : []))).toEqual([
      { paused: true, finishing: false },
      { paused: true, finishing: false, slots: 4 },
      { paused: false, finishing: false, slots: 4 },
      { paused: false, finishing: true, slots: 4 },
    ]);
  });

  it('RESUME takes a FINISH back', () => {
    expect(told('RESUME', { control: { finishing: true } }).control.finishing).toBe(false);
  });

  it('SLOTS takes a whole number from 1 on and else changes nothing', () => {
    for (const bad of ['SLOTS', 'SLOTS 0', 'SLOTS -1', 'SLOTS 1.5', 'SLOTS x', 'SLOTS 1 2', 'SLOTS 123456']) {
      const answered = told(bad);
      expect(textsOf(answered), bad).toEqual(['refused: write SLOTS and a whole number from 1 on']);
      expect(answered.control).toEqual({ paused: false, finishing: false });
    }
  });
});

describe('KILL JOB', () => {
  const claims = [aClaim('one'), aClaim('two words'), aClaim('ended', { result: aResult(0) })];
  const ended = (answered: Answered) =>
    answered.actions.flatMap((action) => (action.kind === 'end-job' ? action.record.name : []));

  it('ends the job of that name, quoted or not', () => {
    expect(ended(told('KILL JOB one', { claims }))).toEqual(['one']);
    expect(ended(told('KILL JOB two words', { claims }))).toEqual(['two words']);
    expect(ended(told('KILL JOB "two words" by=x', { claims }))).toEqual(['two words']);
  });

  it('needs no name if only one runs', () => {
    expect(ended(told('KILL JOB', { claims: [aClaim('one'), aClaim('ended', { result: aResult(0) })] }))).toEqual([
      'one',
    ]);
    expect(textsOf(told('KILL JOB', { claims }))).toEqual(['refused: 2 jobs run: write KILL JOB and the name of one']);
    expect(textsOf(told('KILL JOB'))).toEqual(['refused: no job runs']);
  });

  it('is noted with the attempt that it means before that is ended, and means no later one', () => {
    expect(kindsOf(told('KILL JOB one', { claims }))).toEqual(['resolve', 'end-job', 'say', 'acted']);
    const again = (resolvedTo: string) =>
      messages({ ...aSeen({ claims }), messages: [{ ...aMessage('KILL JOB one'), resolvedTo }] }, aConfig());
    expect(ended(again(claims[0]?.record.id ?? ''))).toEqual(['one']);
    expect(ended(again('1-1.1-000000'))).toEqual([]);
  });

  it('ends nothing that does not run', () => {
    expect(textsOf(told('KILL JOB ended', { claims }))).toEqual(['refused: ended does not run']);
  });
});

describe('the end of the monitor', () => {
  it('SHUTDOWN is now, and leaves what runs', () => {
    const answered = told('SHUTDOWN', { claims: [aClaim('a')] });
    expect(kindsOf(answered)).toEqual(['say', 'stop', 'acted']);
  });

  it('SHUTDOWN KILL ends every job first', () => {
    const answered = told('SHUTDOWN KILL', { claims: [aClaim('a'), aClaim('b')] });
    expect(kindsOf(answered)).toEqual(['control', 'end-job', 'end-job', 'say', 'acted']);
    expect(answered.control.finishing).toBe(true);
  });
});

describe('questions', () => {
  it('HELP lists every message', () => {
    expect(textsOf(told('HELP'))).toEqual(messageTable.map(({ form, meaning }) => `answer: ${form}: ${meaning}`));
  });

  it('STATUS says what stands where and what runs', () => {
    const claims = [aClaim('job', { record: { claimedAt: testNow - 65_000 } }), aClaim('new', { started: 'no' })];
    const [counts, ...running] = textsOf(told('STATUS', { claims, counts: { wait: 3, done: 5, error: 2 } }));
    expect(counts).toMatch(/^answer: serving, 2 running, 1 slot, 7 ended: wait-q 3, .*done-q 5, error-q 2/);
    expect(running).toEqual(['answer: job attempt 1 running for 65.0s', 'answer: new attempt 1 starting']);
    expect(textsOf(told(['PAUSE', 'STATUS']))[1]).toMatch(/^answer: paused, /);
  });

  it('CONFIG says every setting', () => {
    expect(textsOf(told('CONFIG'))).toContain('answer: slots = 1');
    expect(textsOf(told('CONFIG'))).toHaveLength(Object.keys(aConfig()).length);
  });

  it('RELOAD is left to the monitor, which answers it', () => {
    expect(kindsOf(told('RELOAD'))).toEqual(['reload', 'acted']);
  });
});
