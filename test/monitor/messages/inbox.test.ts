import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MessageLine } from '../../../src/model/seen.ts';
import { type Inbox, openInbox } from '../../../src/monitor/messages/inbox.ts';
import { retryUnfinished } from '../../../src/monitor/apply/until-done.ts';
import { messageTable } from '../../../src/model/message.ts';
import { aRecord } from '../../support/builders.ts';
import { brokenFiles, type Given, testContext } from '../../support/context.ts';
import { eventually } from '../../support/eventually.ts';
import { start } from '../../support/scratch.ts';

function rig(given: Given = {}, howto = '') {
  // Another pid than ours, so that what this process holds open counts as somebody else's.
  const test = testContext({ host: { pid: 1 }, ...given });
  const file = test.path('monitor_reads');
  writeFileSync(file, howto);
  let inbox = openInbox(test.context);
  const state = { acted: [] as string[] };
  return {
    ...test,
    file,
    acted: state.acted,
    inbox: (): Inbox => inbox,
    /** A new life of the monitor. */
    restart: () => (inbox = openInbox(test.context)),
    send: (...lines: readonly string[]) => appendFileSync(file, lines.map((line) => `${line}\n`).join('')),
    kept: () => readFileSync(file, 'utf8'),
    /** What stands in `.sjq/inbox`. */
    drawers: () => readdirSync(test.path('.sjq/inbox')),
    /** Reads and acts on everything, as a wake does. Gives the texts. */
    wake: (): readonly string[] => {
      const messages = inbox.read();
      for (const message of messages) act(message);
      return messages.map(({ text }) => text);
    },
    act,
  };

  function act(message: MessageLine): void {
    inbox.acted(message);
    state.acted.push(message.text);
  }
}

describe('messages', () => {
  it('are given once, in order, and removed; comments and blank lines stay', () => {
    const { send, wake, kept } = rig({}, '# how to\n\n');
    send('PAUSE', '# mine', 'RESUME', '');
    expect(wake()).toEqual(['PAUSE', 'RESUME']);
    expect(kept()).toBe('# how to\n\n# mine\n\n');
    expect(wake()).toEqual([]);
    send('STATUS');
    expect(wake()).toEqual(['STATUS']);
    expect(kept()).toBe('# how to\n\n# mine\n\n');
  });

  it('of a file too large to be read at once are given piece by piece, and its comments kept', () => {
    const { send, wake, kept, file } = rig();
    send('PAUSE', '# mine');
    truncateSync(file, 40 * 1024 * 1024);
    send('', 'RESUME');
    const given: string[] = [];
    for (let wakes = 0; wakes < 1100 && given.at(-1) !== 'RESUME'; wakes++) given.push(...wake());
    expect([given[0], given.at(-1)]).toEqual(['PAUSE', 'RESUME']);
    expect(given.slice(1, -1).every((text) => /^\0+$/.test(text))).toBe(true);
    expect(kept()).toBe('# mine\n');
  });

  it('are not taken from what is no regular file, which is said once', () => {
    const { wake, file, notices } = rig();
    for (const make of [
      () => mkdirSync(file),
      () => symlinkSync('nowhere', file),
      () => symlinkSync('/dev/zero', file),
    ]) {
      rmSync(file, { recursive: true });
      make();
      expect(wake()).toEqual([]);
    }
    expect(notices).toMatchObject([{ event: 'attention', text: expect.stringContaining('no regular file') as string }]);
  });

  it('are given until they are acted upon, and not again after that', () => {
    const { send, inbox, act } = rig();
    send('PAUSE', 'RESUME');
    const [first, second] = inbox().read();
    expect(inbox().read()).toEqual([first, second]);
    if (first) act(first);
    expect(inbox().read()).toEqual([second]);
    expect(inbox().hasOpen).toBe(true);
    if (second) act(second);
    expect(inbox().read()).toEqual([]);
    expect(inbox().hasOpen).toBe(false);
  });

  it('that were answered before a crash are known to be, and only those', () => {
    const { send, inbox, act, restart, write } = rig();
    write('monitor_says', '2026-11-22T04:31:06Z answer - to=STATUS of long ago\n');
    send('STATUS', 'STATUS', 'KILL JOB "a b" by=ada');
    const [first] = inbox().read();
    if (first) act(first);
    const answeredOf = () => {
      restart();
      return inbox()
        .read()
        .map(({ isAnswered }) => isAnswered);
    };
    expect(answeredOf()).toEqual([false, false]);
    write(
      'monitor_says',
      '2026-11-22T04:31:06Z answer - to=STATUS of long ago\n2026-11-22T04:31:07Z answer - to=STATUS text\n',
    );
    expect(answeredOf()).toEqual([true, false]);
    const second = inbox().read()[0];
    if (second) act(second);
    write('monitor_says', '2026-11-22T04:31:08Z refused - to="KILL JOB \\"a b\\" by=ada" by=ada a b does not run\n');
    expect(answeredOf()).toEqual([true]);
  });

  it('of a second file are not taken for answered because the like in the first one was', () => {
    const { send, inbox, act, restart, write } = rig();
    send('SUBMIT backup');
    inbox().read();
    send('SUBMIT backup');
    const [first] = inbox().read();
    write('monitor_says', '2026-11-22T04:31:06Z answer - to="SUBMIT backup" submitted as backup\n');
    if (first) act(first);
    restart();
    expect(
      inbox()
        .read()
        .map(({ isAnswered }) => isAnswered),
    ).toEqual([false]);
  });

  it('whose answer a monitor died over noting are known to be answered by the next but one, which took more of them aside', () => {
    const { send, inbox, restart, write, path } = rig();
    write('monitor_says', '');
    send('PAUSE');
    inbox().read();
    appendFileSync(path('monitor_says'), '2026-11-22T04:31:07Z answer - to=PAUSE paused\n');
    for (const line of ['HELP', 'RESUME']) {
      restart();
      send(line);
      inbox().read();
    }
    restart();
    const answered = inbox().read();
    expect(answered.map(({ text, isAnswered }) => [text, isAnswered])).toEqual([
      ['PAUSE', true],
      ['HELP', false],
      ['RESUME', false],
    ]);
  });

  it('are not taken for answered by what the like of them was answered before they were put aside', () => {
    const { send, file, path, inbox, restart, write } = rig();
    write('monitor_says', '2026-11-22T04:31:07Z answer - to=PAUSE paused\n');
    send('PAUSE');
    // A crash behind the rename.
    renameSync(file, path('.sjq/inbox/1'));
    for (const life of ['first', 'second']) {
      restart();
      const isAnswered = inbox()
        .read()
        .map((message) => message.isAnswered);
      expect(isAnswered, `the ${life} life`).toEqual([false]);
    }
    appendFileSync(path('monitor_says'), '2026-11-22T04:41:07Z answer - to=PAUSE paused\n');
    restart();
    expect(inbox().read()[0]?.isAnswered).toBe(true);
  });

  it('whose answers a full disk kept back are known to be answered, each, if the monitor dies between noting them', () => {
    let isFull = true;
    let notes = Infinity;
    const files = brokenFiles('EIO', ['overwrite'], () => (notes -= 1) < 0);
    const { send, inbox, act, restart, write, context } = rig({ files });
    write('monitor_says', '');
    Object.assign(context, { flush: () => !isFull });
    send('HELP', 'PAUSE', 'HELP', 'HELP');
    for (const message of inbox().read().slice(0, 3)) act(message);
    const answers = ['HELP', 'PAUSE', 'HELP'].map((to) => `2026-11-22T04:31:07Z answer - to=${to}\n`);
    write('monitor_says', answers.join(''));
    isFull = false;
    // The second note is refused, and then the monitor dies.
    notes = 1;
    inbox().read();
    notes = Infinity;
    restart();
    const found = inbox().read();
    expect(found.map(({ text, isAnswered }) => [text, isAnswered])).toEqual([
      ['PAUSE', true],
      ['HELP', true],
      ['HELP', false],
    ]);
    const [pause] = found;
    if (pause) act(pause);
    restart();
    expect(
      inbox()
        .read()
        .map(({ isAnswered }) => isAnswered),
    ).toEqual([true, false]);
  });

  it('of which one could not be noted are noted at the next look', () => {
    let isBroken = false;
    const files = brokenFiles('EIO', ['overwrite'], () => isBroken);
    const { send, inbox, act, restart } = rig({ files });
    send('PAUSE', 'RESUME');
    const [first] = inbox().read();
    isBroken = true;
    if (first) expect(() => act(first)).toThrow('EIO');
    isBroken = false;
    inbox().read();
    restart();
    expect(
      inbox()
        .read()
        .map(({ text }) => text),
    ).toEqual(['RESUME']);
  });

  it('come through a file made anew, with the HOWTO, when there is none', () => {
    const { wake, kept, file } = rig();
    renameSync(file, `${file}.away`);
    expect(wake()).toEqual([]);
    for (const { form } of messageTable) expect(kept()).toContain(`#   ${form}`);
    expect(statSync(file).mode & 0o777 & 0o640).toBe(0o640);
  });

  it('leave the file alone while there are none: same inode, same time', () => {
    const { send, wake, file, clock } = rig({}, '# how to\n');
    const before = statSync(file);
    send('# only a comment');
    for (let looks = 0; looks < 5; looks++) {
      wake();
      clock.pass(2000);
    }
    expect(statSync(file).ino).toBe(before.ino);
  });

  it('leave mode and owner of the file as they were', () => {
    const { send, wake, file } = rig();
    chmodSync(file, 0o622);
    send('PAUSE');
    wake();
    expect(statSync(file).mode & 0o777).toBe(0o622);
  });

  it('come through a symlink, and late comments too', () => {
    const { wake, file, path } = rig();
    mkdirSync(path('elsewhere'));
    renameSync(file, path('elsewhere/reads'));
    symlinkSync('elsewhere/reads', file);
    const held = openSync(file, 'a');
    writeSync(held, 'PAUSE\n');
    expect(wake()).toEqual(['PAUSE']);
    writeSync(held, '# late\nRESUME\n');
    expect(wake()).toEqual(['RESUME']);
    closeSync(held);
    expect(readFileSync(path('elsewhere/reads'), 'utf8')).toBe('# late\n');
  });
});

describe('an unfinished last line', () => {
  it('waits for its newline', () => {
    const { file, wake, clock } = rig();
    appendFileSync(file, 'SHUT');
    expect(wake()).toEqual([]);
    clock.pass(500);
    appendFileSync(file, 'DOWN\n');
    expect(wake()).toEqual(['SHUTDOWN']);
  });

  it('counts as whole when nothing came for a second, and a look is due then', () => {
    const { file, wake, inbox, clock } = rig();
    appendFileSync(file, 'PAUSE');
    wake();
    expect(inbox().nextLookAt).toBe(clock.now() + 1000);
    clock.pass(999);
    expect(wake()).toEqual([]);
    clock.pass(1);
    expect(wake()).toEqual(['PAUSE']);
  });

  it('waits a second from its last byte on, also where somebody has held the renamed file open for long', () => {
    const { file, wake, clock } = rig();
    const held = openSync(file, 'a');
    writeSync(held, 'PAUSE\n');
    expect(wake()).toEqual(['PAUSE']);
    clock.pass(60_000);
    expect(wake()).toEqual([]);
    writeSync(held, 'KILL ');
    expect(wake()).toEqual([]);
    clock.pass(900);
    writeSync(held, 'JOB');
    expect(wake()).toEqual([]);
    clock.pass(900);
    writeSync(held, ' x\n');
    expect(wake()).toEqual(['KILL JOB x']);
    closeSync(held);
  });
});

describe('a renamed file', () => {
  it('is removed when everything is acted upon and nobody has it open', () => {
    const { send, wake, clock, drawers } = rig();
    send('PAUSE');
    wake();
    expect(drawers().length).toBeGreaterThan(0);
    clock.pass(6000);
    wake();
    expect(drawers()).toEqual([]);
  });

  it('is removed as soon when the clock was set back by a day', () => {
    const { send, wake, clock, drawers } = rig();
    send('PAUSE');
    wake();
    clock.set(clock.now() - 86_400_000);
    clock.pass(6000);
    wake();
    clock.pass(6000);
    wake();
    expect(drawers()).toEqual([]);
  });

  it('is kept for as long as somebody has it open', () => {
    const { file, wake, clock, drawers } = rig();
    const held = openSync(file, 'a');
    writeSync(held, 'PAUSE\n');
    for (let minutes = 0; minutes < 5; minutes++) {
      wake();
      clock.pass(60_000);
    }
    writeSync(held, 'RESUME\n');
    expect(wake()).toEqual(['RESUME']);
    closeSync(held);
    clock.pass(6000);
    wake();
    expect(drawers()).toEqual([]);
  });

  it('of many megabytes is given whole, no line cut', () => {
    const { file, wake, clock } = rig();
    const lines = Array.from({ length: 8000 }, (_, number) => `M ${String(number).padStart(350, '.')}`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const found: string[] = [];
    for (let looks = 0; looks < 20; looks++) {
      found.push(...wake());
      clock.pass(1500);
    }
    expect(found).toEqual(lines);
  });

  it('whose line has no end is read on in time, in pieces', () => {
    const { file, wake, clock } = rig();
    writeFileSync(file, 'x'.repeat(2_500_000) + '\nPAUSE\n');
    const found: string[] = [];
    for (let looks = 0; looks < 10; looks++) {
      found.push(...wake());
      clock.pass(1500);
    }
    expect(found.at(-1)).toBe('PAUSE');
    expect(found.slice(0, -1).join('')).toBe('x'.repeat(2_500_000));
  });
});

describe('after a crash', () => {
  it('what was not acted upon is given again, and nothing that was', () => {
    const { send, inbox, act, restart, wake } = rig();
    send('A', 'B', 'C', '# comment');
    const [first] = inbox().read();
    if (first) act(first);
    restart();
    expect(wake()).toEqual(['B', 'C']);
    restart();
    expect(wake()).toEqual([]);
  });

  it('between the rename and the new file no comment is lost', () => {
    const { send, file, path, restart, wake, kept } = rig({}, '# how to\n');
    send('PAUSE', '# mine');
    renameSync(file, path('.sjq/inbox/1'));
    restart();
    expect(wake()).toEqual(['PAUSE']);
    expect(kept()).toContain('# how to\n# mine\n');
  });

  it('a comment that came late is not kept a second time', () => {
    const { file, wake, restart, kept } = rig();
    const held = openSync(file, 'a');
    writeSync(held, 'PAUSE\n');
    wake();
    writeSync(held, '# late\n');
    wake();
    restart();
    wake();
    closeSync(held);
    expect(kept()).toBe('# late\n');
  });

  it('comments are not kept once more while a message behind them waits', () => {
    const { send, inbox, restart, kept } = rig({}, '# how to\n');
    send('HOLD a');
    inbox().read();
    restart();
    inbox().read();
    restart();
    inbox().read();
    expect(kept()).toBe('# how to\n');
  });

  it('a message keeps the attempt that it was resolved to', () => {
    const { send, inbox, restart } = rig();
    send('KILL JOB', 'STATUS');
    const [kill] = inbox().read();
    const { id } = aRecord('a');
    if (kill) inbox().resolve(kill, id);
    restart();
    expect(inbox().read()).toMatchObject([{ text: 'KILL JOB', resolvedTo: id }, { text: 'STATUS' }]);
  });

  it('notes of a file that is gone, which the disk keeps from being removed, are not those of the next file, and go later', () => {
    let isBroken = true;
    const files = brokenFiles('EIO', ['unlink'], () => isBroken);
    const { context, write, restart, send, inbox, wake, drawers } = rig({ files });
    write('.sjq/inbox/1.acted', '1000');
    restart();
    send('PAUSE');
    expect(
      inbox()
        .read()
        .map(({ text }) => text),
    ).toEqual(['PAUSE']);
    isBroken = false;
    wake();
    retryUnfinished(context);
    expect(drawers().sort()).toEqual(['2', '2.acted']);
  });

  it('files are read in the order in which they were renamed, and their numbers are not given again', () => {
    const { path, restart, wake, send } = rig();
    for (const number of [2, 10, 9]) writeFileSync(path(`.sjq/inbox/${number}`), `FROM ${number}\n`);
    restart();
    expect(wake()).toEqual(['FROM 2', 'FROM 9', 'FROM 10']);
    send('NEXT');
    wake();
    expect(existsSync(path('.sjq/inbox/11'))).toBe(true);
  });
});

describe('a message file that somebody puts a new one in the place of', () => {
  const save = (file: string, text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  it('loses no message that came after the editor had read it, and doubles none that it had', () => {
    const { send, wake, inbox, file, kept } = rig({}, '# mine\n');
    expect(wake()).toEqual([]);
    send('PAUSE', 'STATUS');
    save(file, '# mine, edited\nPAUSE\nHELP\n');
    expect(wake().toSorted()).toEqual(['HELP', 'PAUSE', 'STATUS']);
    expect(kept()).toBe('# mine, edited\n');
    expect(inbox().read()).toEqual([]);
  });

  it('loses none of them to a disk that is full just then', () => {
    let isFull = false;
    const { send, wake, file, clock } = rig({ files: brokenFiles('ENOSPC', ['create'], () => isFull) }, '# mine\n');
    expect(wake()).toEqual([]);
    send('PAUSE');
    save(file, '# mine\n');
    isFull = true;
    expect(wake()).toEqual([]);
    isFull = false;
    clock.pass(10_000);
    expect(wake()).toEqual(['PAUSE']);
  });

  it('is read on while somebody has it open, and its last line needs no newline then', () => {
    let holders: readonly number[] = [77];
    const { wake, file, clock, inbox } = rig({ processes: { holdersOf: () => holders } }, '# mine\n');
    expect(wake()).toEqual([]);
    const held = openSync(file, 'a');
    onTestFinished(() => closeSync(held));
    save(file, '# mine\n');
    expect(wake()).toEqual([]);
    writeSync(held, 'PAUSE\n');
    expect(inbox().nextLookAt).toBeLessThan(Infinity);
    expect(wake()).toEqual(['PAUSE']);
    clock.pass(10_000);
    writeSync(held, 'RESUME');
    expect(wake()).toEqual([]);
    clock.pass(10_000);
    holders = [];
    expect(wake()).toEqual(['RESUME']);
  });
});

describe('a disk that refuses', () => {
  it('holds no message up, and no comment is lost when there is room again', () => {
    let isFull = false;
    const files = brokenFiles('ENOSPC', ['create', 'append'], () => isFull);
    const { send, inbox, kept, wake, notices, file, clock } = rig({ files }, '# how to\n');
    chmodSync(file, 0o622);
    send('PAUSE', '# mine', 'RESUME');
    isFull = true;
    expect(
      inbox()
        .read()
        .map(({ text }) => text),
    ).toEqual(['PAUSE', 'RESUME']);
    expect(notices.filter(({ event }) => event === 'fault')).toHaveLength(1);
    expect(inbox().nextLookAt).toBeLessThan(Infinity);
    clock.pass(10_000);
    expect(inbox().read()).toHaveLength(2);
    isFull = false;
    wake();
    expect(kept()).toBe('# how to\n# mine\n');
    expect(statSync(file).mode & 0o777).toBe(0o622);
  });

  it('and cannot even rename loses nothing', () => {
    let isBroken = true;
    const { send, wake, notices } = rig({ files: brokenFiles('EROFS', ['rename'], () => isBroken) });
    send('PAUSE');
    expect(wake()).toEqual([]);
    expect(notices).toMatchObject([{ event: 'fault', text: expect.stringContaining('EROFS') as string }]);
    isBroken = false;
    expect(wake()).toEqual(['PAUSE']);
  });
});

describe('any interleaving of writers', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), isComment: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('write' as const), isComment: fc.boolean(), holder: fc.nat(2) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('split' as const), holder: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), holder: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('wake' as const), passMs: fc.constantFrom(0, 10, 1500, 6000) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  );

  it('yields every line once and in its writer’s order, comments in the file', () => {
    // Asking for holders is slow, and here it is known.
    const holders = new Map<number, { readonly fd: number; readonly ino: number }>();
    const holdersOf = ({ ino }: { readonly ino: number }) =>
      [...holders.values()].filter((each) => each.ino === ino).map(() => 2);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { file, wake, clock, acted, restart, kept, drawers } = rig({ processes: { holdersOf } });
        const close = (holder: number): void => {
          const held = holders.get(holder);
          if (held) closeSync(held.fd);
          holders.delete(holder);
        };
        const fdOf = (holder: number): number => {
          const held = holders.get(holder) ?? { fd: openSync(file, 'a'), ino: statSync(file).ino };
          holders.set(holder, held);
          return held.fd;
        };
        const messages: string[] = [];
        const comments: string[] = [];
        steps.forEach((each, number) => {
          const line = ('isComment' in each && each.isComment ? '# ' : 'M ') + String(number);
          if (each.kind === 'append' || each.kind === 'write') {
            (each.isComment ? comments : messages).push(line);
            if (each.kind === 'append') appendFileSync(file, `${line}\n`);
            else writeSync(fdOf(each.holder), `${line}\n`);
          } else if (each.kind === 'split') {
            messages.push(line);
            writeSync(fdOf(each.holder), line.slice(0, 2));
            wake();
            clock.pass(900);
            wake();
            writeSync(fdOf(each.holder), `${line.slice(2)}\n`);
          } else if (each.kind === 'reopen') close(each.holder);
          else if (each.kind === 'wake') {
            wake();
            clock.pass(each.passMs);
          } else {
            // Everything that was given is acted upon: a kill in between gives it again, see above.
            wake();
            restart();
          }
        });
        for (const holder of [...holders.keys()]) close(holder);
        for (let looks = 0; looks < 8; looks++) {
          wake();
          clock.pass(3000);
        }
        expect([...acted].sort()).toEqual([...messages].sort());
        expect(
          kept()
            .split('\n')
            .filter((line) => line !== '')
            .sort(),
        ).toEqual([...comments].sort());
        expect(drawers()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('of 50 shells with 20 messages each, half of them through one descriptor, loses and doubles none', async () => {
    const { path, wake, acted, clock } = rig({ host: { pid: process.pid } });
    const script = `
      while [ ! -e ../go ]; do sleep 0.01; done
      if [ $1 -gt 25 ]; then exec 3>> monitor_reads; fi
      for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        if [ $1 -gt 25 ]; then echo "M $1 $number" >&3; else echo "M $1 $number" >> monitor_reads; fi
        [ $((number % 7)) -gt 0 ] || sleep 0.01
      done`;
    const shells = Array.from({ length: 50 }, (_, writer) =>
      start('sh', ['-c', script, 'sh', String(writer + 1)], { cwd: path() }),
    );
    writeFileSync(path('../go'), '');
    const timer = setInterval(() => {
      wake();
      clock.pass(20);
    }, 1);
    onTestFinished(() => {
      clearInterval(timer);
    });
    await eventually(() => shells.every(({ child }) => child.exitCode === 0) && acted.length >= 1000, {
      withinMs: 25_000,
      what: 'all shells have written and all is acted upon',
    });
    const expected = shells.flatMap((_, writer) =>
      Array.from({ length: 20 }, (_none, number) => `M ${writer + 1} ${number + 1}`),
    );
    expect([...acted].sort()).toEqual([...expected].sort());
    // Each writer's own order is kept.
    for (let writer = 1; writer <= 50; writer++) {
      const own = acted.filter((line) => line.startsWith(`M ${writer} `));
      expect(own).toEqual(expected.filter((line) => line.startsWith(`M ${writer} `)));
    }
  });
});
