import { describe, expect, it } from 'vitest';
import type { Action, Deed } from '../../../src/model/action.ts';
import { messageTable } from '../../../src/model/message.ts';
import { settings } from '../../../src/model/settings.ts';
import type { MessageSeen, UowSeen } from '../../../src/model/seen.ts';
import { type Answered, messages } from '../../../src/plan/rules/messages.ts';
import {
  aClaim,
  aConfig,
  aHead,
  aJobType,
  aMessage,
  aResult,
  aSeen,
  aUowSeen,
  bytes,
  testNow,
} from '../../support/builders.ts';

type Changed = Parameters<typeof aSeen>[0];

type Told = string | MessageSeen;

function told(lines: Told | readonly Told[], seen: Changed = {}): Answered {
  return messages(aSeen({ ...seen, messages: Array.isArray(lines) ? lines : [lines as Told] }), aConfig());
}

/** Gives what is answered; of a deed, if it can be done. */
function textsOf({ actions }: Answered): readonly string[] {
  return actions.flatMap((action) => {
    const notice = action.kind === 'say' ? action.notice : action.kind === 'obey' ? action.answer : undefined;
    return notice ? `${notice.event}: ${notice.text ?? ''}` : [];
  });
}

const deedsOf = ({ actions }: Answered): readonly Deed[] =>
  actions.flatMap((action) => (action.kind === 'obey' ? [action.deed] : []));

const kindsOf = ({ actions }: Answered): readonly string[] => actions.map(({ kind }) => kind);
const last = ({ actions }: Answered): Action | undefined => actions.at(-1);

describe('every message', () => {
  it('is answered and then noted as acted upon, a bad one too', () => {
    const forms = messageTable.map(({ form }) => form).filter((form) => form !== 'RELOAD');
    for (const line of [...forms, 'nonsense', 'RETRY a', 'PAUSE now', 'SLOTS 0', '"']) {
      const answered = told(line);
      expect(last(answered), line).toMatchObject({ kind: 'acted', message: { text: bytes(line) } });
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

  it('that is none, or has too much on its line is refused', () => {
    expect(textsOf(told('nonsense'))).toEqual(['refused: no such message: write HELP for the list']);
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

  it('are left alone by a bad message', () => {
    expect(told('SLOTS 0').control).toEqual({ paused: false, finishing: false });
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
    const again = (resolvedTo: string) => told(aMessage('KILL JOB one', { resolvedTo }), { claims });
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

  it('CONFIG says every setting by its name in config.yaml', () => {
    const said = textsOf(told('CONFIG'));
    for (const line of ['slots = 1', 'sleep = 15.0s', 'allow_commands = yes', 'report = off', 'queues.wait = wait-q']) {
      expect(said).toContain(`answer: ${line}`);
    }
    expect(said).toHaveLength(settings.filter(({ of }) => of).length);
  });

  it('RELOAD is left to the monitor, which answers it when all else is done', () => {
    expect(kindsOf(told('RELOAD'))).toEqual(['reload']);
  });
});

describe('a message that an earlier life of the monitor began on', () => {
  it('and answered is only noted as acted upon', () => {
    expect(kindsOf(told(aMessage('SHUTDOWN', { isAnswered: true })))).toEqual(['acted']);
  });

  it('means the attempt that it meant then, and no other', () => {
    const about = aUowSeen('a', { queue: 'error', status: { word: 'error', attempt: 2 } });
    const again = (resolvedTo: string) => told(aMessage('RETRY a', { about, resolvedTo }));
    expect(deedsOf(again('1700000000-1.2@5'))).toHaveLength(1);
    expect(deedsOf(again('1700000000-1.1@5'))).toEqual([]);
    expect(textsOf(again('1700000000-1.1@5'))).toEqual(['answer: the attempt of a that was meant is over']);
    expect(textsOf(told(aMessage('RETRY a', { resolvedTo: '1-1.1@5' })))).toEqual(['answer: a is there no longer']);
  });

  it('is done to its end, not refused for what is done of it already', () => {
    const again = (line: string, about: UowSeen) => told(aMessage(line, { about, resolvedTo: '1700000000-1.0@5' }));
    expect(deedsOf(again('HOLD a', aUowSeen('a', { status: { flags: ['held'] } })))).toHaveLength(1);
    expect(deedsOf(again('RETRY a', aUowSeen('a')))).toMatchObject([{ kind: 'move', to: 'wait' }]);
    const cancelled = aUowSeen('a', { queue: 'archive', status: { word: 'cancelled', attempt: 0 } });
    expect(deedsOf(again('CANCEL a', cancelled))).toMatchObject([{ kind: 'move', to: 'archive' }]);
  });

  it('has one note with the time at which it was begun', () => {
    const message = aMessage('NOTE a text', { about: aUowSeen('a'), resolvedTo: '1700000000-1.0@5' });
    expect(deedsOf(told(message))).toMatchObject([{ kind: 'mark', note: { at: 5, who: '-', text: 'text' } }]);
  });
});

describe('a message about a UOW', () => {
  const places = {
    waiting: aUowSeen('a'),
    held: aUowSeen('a', { queue: 'priority', status: { flags: ['held'] } }),
    'next in line': aUowSeen('a', { queue: 'executing' }),
    running: aUowSeen('a', { queue: 'executing', status: { word: 'running', attempt: 1 } }),
    done: aUowSeen('a', { queue: 'done', status: { word: 'done', attempt: 1 } }),
    error: aUowSeen('a', { queue: 'error', status: { word: 'error', attempt: 1, durationMs: 5 } }),
    fail: aUowSeen('a', { queue: 'fail', status: { word: 'fail', attempt: 1, flags: ['log!'] } }),
    archived: aUowSeen('a', { queue: 'archive', status: { word: 'done', attempt: 1 } }),
    trashed: aUowSeen('a', { queue: 'trash', status: { word: 'waiting', attempt: 0 } }),
  };
  type Place = keyof typeof places;
  const all = Object.keys(places) as Place[];
  const tell = (line: string, about: UowSeen): Answered => told(aMessage(line, { about }));

  it.each<readonly [line: string, places: readonly Place[], deed: object]>([
    ['HOLD a', ['waiting', 'next in line'], { kind: 'mark', status: { word: 'waiting', flags: ['held'] } }],
    ['RELEASE a', ['held'], { kind: 'mark', status: { word: 'waiting', flags: [] } }],
    ['PRIORITY a 7', ['waiting', 'held', 'next in line'], { kind: 'edit', field: 'priority', content: '7' }],
    [
      'SKIP a',
      ['waiting', 'held', 'next in line'],
      { kind: 'move', to: 'done', status: { word: 'skipped', attempt: 0 } },
    ],
    ['CANCEL a', ['waiting', 'held', 'next in line'], { kind: 'move', to: 'archive', status: { word: 'cancelled' } }],
    ['RETRY a', ['done', 'error', 'fail', 'archived', 'trashed'], { kind: 'move', to: 'wait' }],
    ['ACK a', ['error', 'fail'], { kind: 'mark', status: { flags: expect.arrayContaining(['ack']) as string[] } }],
    [
      'CONTINUE a',
      ['error', 'fail'],
      { kind: 'mark', status: { flags: expect.arrayContaining(['cont']) as string[] } },
    ],
    ['NOTE a a word', all, { kind: 'mark', note: { at: testNow, who: '-', text: 'a word' } }],
  ])('%s is done to one that is %j, and refused for any other', (line, fits, deed) => {
    for (const place of all) {
      const answered = tell(line, places[place]);
      expect(last(answered), place).toMatchObject({ kind: 'acted' });
      if (!fits.includes(place)) {
        expect(textsOf(answered).join(), place).toMatch(/^refused: a ./);
        expect(deedsOf(answered), place).toEqual([]);
        continue;
      }
      expect(deedsOf(answered), place).toMatchObject([deed]);
      expect(textsOf(answered).join(), place).toMatch(/^answer: a ./);
      // Noted before it is done, so that a crash in between repeats nothing.
      expect(kindsOf(answered), place).toEqual(['resolve', 'obey', 'acted']);
    }
  });

  it('keeps what STATUS says besides', () => {
    const [deed] = deedsOf(tell('ACK a called the vendor by=ada', places.fail));
    expect(deed).toMatchObject({
      status: { word: 'fail', attempt: 1, flags: ['log!', 'ack'] },
      note: { who: 'ada', text: 'called the vendor' },
    });
    expect(deedsOf(tell('CONTINUE a', places.error))).toMatchObject([{ status: { word: 'error', durationMs: 5 } }]);
    expect(deedsOf(tell('RETRY a', places.done))).toEqual([{ kind: 'move', uow: places.done, to: 'wait' }]);
  });

  it('says why it cannot be', () => {
    expect(textsOf(told('HOLD a'))).toEqual(['refused: there is no UOW named a']);
    expect(textsOf(tell('HOLD a', places.held))).toEqual(['refused: a is held already']);
    expect(textsOf(tell('RELEASE a', places.waiting))).toEqual(['refused: a is not held']);
    expect(textsOf(tell('HOLD a', places.running))).toEqual(['refused: a runs: SUSPEND JOB stops it where it is']);
    expect(textsOf(tell('CANCEL a', places.running))).toEqual(['refused: a runs: KILL JOB ends it']);
    expect(textsOf(tell('RETRY a', places.waiting))).toEqual(['refused: a waits already']);
    expect(textsOf(tell('ACK a', places.done))).toEqual([
      'refused: a has ended (done-q): only what ended in error-q or fail-q can be acknowledged',
    ]);
    expect(textsOf(tell('PRIORITY a high', places.waiting)).join()).toMatch(
      /^refused: a keeps its priority: write a whole number from -\d+ to \d+$/,
    );
    const { head: _none, ...noUow } = places.trashed;
    expect(textsOf(tell('RETRY a', noUow)).join()).toMatch(/^refused: a in trash is no valid UOW/);
  });

  it('that is still being taken in waits for it, and what stands behind it too, but not for ever', () => {
    const arriving = aMessage('HOLD a', { about: aUowSeen('a', { isTakenIn: false }) });
    const answered = told([arriving, 'PAUSE']);
    expect(answered.actions).toEqual([{ kind: 'put-off', message: arriving, until: testNow + 10_000 }]);
    expect(answered.control.paused).toBe(false);
    expect(textsOf(told({ ...arriving, waitsSince: testNow - 10_000 })).join()).toMatch(
      /^refused: a in wait-q is not taken in yet/,
    );
  });
});

describe('SUSPEND JOB and RESUME JOB', () => {
  const claims = [aClaim('a'), aClaim('s', { isSuspended: true }), aClaim('new', { started: 'no' })];

  it('signal the running job of that name, noted with its attempt first', () => {
    const answered = told('SUSPEND JOB a', { claims });
    expect(kindsOf(answered)).toEqual(['resolve', 'obey', 'acted']);
    expect(deedsOf(answered)).toMatchObject([{ kind: 'signal-job', signal: 'STOP', record: { name: 'a' } }]);
    expect(deedsOf(told('RESUME JOB s', { claims }))).toMatchObject([{ signal: 'CONT', record: { name: 's' } }]);
  });

  it('are refused where there is nothing to signal', () => {
    expect(textsOf(told('SUSPEND JOB b', { claims }))).toEqual(['refused: b does not run']);
    expect(textsOf(told('RESUME JOB a', { claims }))).toEqual(['refused: a is not suspended']);
    expect(textsOf(told('SUSPEND JOB new', { claims }))).toEqual(['refused: new has not started yet']);
  });
});

describe('SUBMIT', () => {
  const jobTypes = [aJobType('backup', { argv: ['rsync', '{target}'], fields: { target: { pattern: '/.*' } } })];

  it('drops a UOW of a job type with its fields', () => {
    const answered = told('SUBMIT backup target="/srv/my files" timeout=2h', { jobTypes });
    expect(deedsOf(answered)).toEqual([
      {
        kind: 'submit',
        jobType: 'backup',
        fields: [
          ['target', '/srv/my files'],
          ['timeout', '2h'],
        ],
      },
    ]);
  });

  it('is refused for what could never start', () => {
    const why = (line: string): string => textsOf(told(line, { jobTypes })).join();
    expect(why('SUBMIT nosuch')).toMatch(/^refused: .*nosuch/);
    expect(why('SUBMIT backup')).toMatch(/^refused: job type backup needs the field target/);
    expect(why('SUBMIT backup target=relative')).toMatch(/^refused: .*target/);
    expect(why('SUBMIT backup target=/a timeout=soon')).toMatch(/^refused: timeout: write a duration/);
  });
});

describe('an answer', () => {
  const said = (line: Told, seen: Changed = {}): string => textsOf(told(line, seen)).join();

  it('to a switch says what holds from now on', () => {
    expect(said('SLOTS 1')).toBe('answer: 1 slot');
    expect(said('SLOTS 2')).toBe('answer: 2 slots');
    expect(said('RESUME')).toBe('answer: resumed');
    expect(said('FINISH')).toBe('answer: nothing more is started; the monitor ends after the running jobs');
    expect(said('SHUTDOWN')).toBe('answer: ending now; running jobs go on');
    expect(said('SHUTDOWN KILL')).toBe('answer: ending the running jobs, then the monitor');
  });

  it('about a running job says what becomes of it', () => {
    const claims = [aClaim('a'), aClaim('s', { isSuspended: true })];
    expect(said('KILL JOB a', { claims })).toBe('answer: ending a and all its processes');
    expect(
      last({ ...told('KILL JOB a', { claims }), actions: told('KILL JOB a', { claims }).actions.slice(0, 2) }),
    ).toEqual({ kind: 'end-job', record: claims[0]?.record, why: 'killed' });
    expect(said('SUSPEND JOB a', { claims })).toBe('answer: a suspended where it is: RESUME JOB lets it go on');
    expect(said('RESUME JOB s', { claims })).toBe('answer: s goes on');
    expect(said('SUSPEND JOB s', { claims })).toBe('refused: s is suspended already');
    expect(said(aMessage('KILL JOB a', { resolvedTo: '1-1.1-000000' }), { claims })).toBe(
      'answer: the attempt that was meant has ended',
    );
  });

  it('to a SUSPEND or RESUME that a crash interrupted is the same again, not that it is done already', () => {
    const claims = [aClaim('a'), aClaim('s', { isSuspended: true })];
    const again = (line: string, at: 0 | 1) =>
      deedsOf(told(aMessage(line, { resolvedTo: claims[at]?.record.id ?? '' }), { claims }));
    expect(again('SUSPEND JOB s', 1)).toMatchObject([{ kind: 'signal-job', signal: 'STOP' }]);
    expect(again('RESUME JOB a', 0)).toMatchObject([{ kind: 'signal-job', signal: 'CONT' }]);
  });

  it('names the message without the blanks around it, cut at 200 characters', () => {
    const to = (line: string): unknown => {
      const answered = told(line).actions.find(({ kind }) => kind === 'say');
      return answered?.kind === 'say' ? answered.notice.fields?.['to'] : undefined;
    };
    expect(to('  PAUSE ')).toBe('PAUSE');
    expect(to(`NOTE ${'a'.repeat(300)} x`)).toBe(`NOTE ${'a'.repeat(195)}`);
  });

  it('to SUBMIT says that it was submitted', () => {
    expect(said('SUBMIT x', { jobTypes: [aJobType('x')] })).toBe('answer: submitted');
  });

  it('to STATUS names the state, the slots, and what each job does', () => {
    const record = { claimedAt: testNow - 65_000 };
    const claims = [
      aClaim('s', { isSuspended: true, record }),
      aClaim('new', { isSuspended: true, started: 'no' }),
      aClaim('w', { started: 'withdrawn' }),
    ];
    expect(textsOf(told('STATUS', { claims, control: { finishing: true, slots: 2 } }))).toEqual([
      expect.stringMatching(/^answer: finishing, 3 running, 2 slots, 0 ended: wait-q 0, /) as string,
      'answer: s attempt 1 suspended, started 65.0s ago',
      'answer: new attempt 1 starting',
      'answer: w attempt 1 starting',
    ]);
  });

  it('to CONFIG writes each value as config.yaml has it', () => {
    const lines = textsOf(messages(aSeen({ messages: ['CONFIG'] }), aConfig({ allowCommands: false, slots: 3 })));
    expect(lines).toEqual(
      expect.arrayContaining(['answer: allow_commands = no', 'answer: slots = 3', 'answer: procnames = []']),
    );
  });
});

describe('what a message makes of a UOW', () => {
  const tell = (line: string, about: UowSeen): Answered => told(aMessage(line, { about }));
  const text = (line: string, about: UowSeen): string => textsOf(tell(line, about)).join();
  const held = aUowSeen('a', { status: { flags: ['held', 'retry'] } });
  const running = aUowSeen('a', { queue: 'executing', status: { word: 'running', attempt: 1 } });
  const ended = (queue: 'done' | 'error' | 'fail') => aUowSeen('a', { queue, status: { word: queue, attempt: 1 } });

  it('RELEASE takes the hold away and leaves every other flag', () => {
    expect(deedsOf(tell('RELEASE a', held))).toMatchObject([{ status: { flags: ['retry'] } }]);
  });

  it('SKIP and CANCEL leave no flag of the waiting UOW', () => {
    expect(deedsOf(tell('SKIP a', held))).toMatchObject([{ status: { word: 'skipped', flags: [] } }]);
    expect(deedsOf(tell('CANCEL a', held))).toMatchObject([{ status: { word: 'cancelled', flags: [] } }]);
  });

  it('ACK without a word leaves no note', () => {
    expect(deedsOf(tell('ACK a', ended('fail')))[0]).not.toHaveProperty('note');
  });

  it('a NOTE on a running UOW is appended when its attempt has ended, and the answer says so', () => {
    expect(text('NOTE a x', running)).toBe('answer: a noted: it is appended when the attempt has ended');
    expect(text('NOTE a x', held)).toBe('answer: a noted');
  });

  it('is noted with the attempt that it means and when it was begun', () => {
    expect(tell('HOLD a', aUowSeen('a')).actions[0]).toMatchObject({
      kind: 'resolve',
      to: `1700000000-1.0@${testNow}`,
    });
  });

  it('a UOW that a person has not stamped is known by its inode, and one without STATUS has made no attempt', () => {
    const { status: _none, stamp: _unstamped, ...head } = aUowSeen('a').head ?? aHead();
    expect(tell('HOLD a', aUowSeen('a', { head, ino: 77 })).actions[0]).toMatchObject({ to: `77.0@${testNow}` });
    expect(deedsOf(tell('HOLD a', aUowSeen('a', { head, queue: 'executing' })))).toMatchObject([
      { status: { word: 'waiting', flags: ['held'], attempt: 0 } },
    ]);
  });

  it('is nothing where the file cannot be read', () => {
    expect(text('HOLD a', aUowSeen('a', { fault: 'EACCES' }))).toBe('refused: a in wait-q cannot be read (EACCES)');
  });

  it('is refused with what would do instead', () => {
    expect(text('HOLD a', ended('done'))).toBe('refused: a has ended (done-q)');
    expect(text('HOLD a', aUowSeen('a', { queue: 'trash' }))).toBe('refused: a is in trash');
    expect(text('RELEASE a', running)).toBe('refused: a runs');
    expect(text('PRIORITY a 5', running)).toBe('refused: a runs');
    expect(text('RETRY a', running)).toBe('refused: a runs');
    for (const line of ['SKIP a', 'CANCEL a']) {
      expect(text(line, ended('done'))).toBe('refused: a has ended (done-q)');
      for (const queue of ['error', 'fail'] as const) {
        expect(text(line, ended(queue))).toBe(
          `refused: a has ended (${queue}-q): CONTINUE lets go on what waits for it`,
        );
      }
    }
    const only = 'only what ended in error-q or fail-q can be';
    expect(text('CONTINUE a', held)).toBe(`refused: a waits: ${only} continued`);
    expect(text('ACK a', held)).toBe(`refused: a waits: ${only} acknowledged`);
  });

  it('begun before a crash is found done only in the queue to which it leads', () => {
    const again = (line: string, queue: 'done' | 'archive') =>
      deedsOf(told(aMessage(line, { about: aUowSeen('a', { queue }), resolvedTo: '1700000000-1.0@5' })));
    expect(again('SKIP a', 'done')).toMatchObject([{ kind: 'move', to: 'done' }]);
    expect(again('CANCEL a', 'archive')).toMatchObject([{ kind: 'move', to: 'archive' }]);
    expect(again('SKIP a', 'archive')).toEqual([]);
    expect(again('CANCEL a', 'done')).toEqual([]);
  });
});
