import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusLineFromStatus } from '../../../src/format/status-line.ts';
import { textOfName } from '../../../src/model/bytes.ts';
import type { WaitingUow } from '../../../src/model/seen.ts';
import type { Status } from '../../../src/model/status.ts';
import { endedNow, loadEnded } from '../../../src/monitor/report/ended.ts';
import { appendHistory } from '../../../src/monitor/history.ts';
import { postedNow, runningOf } from '../../../src/monitor/report/posted.ts';
import { loadUsual, noteUsual } from '../../../src/monitor/report/usual.ts';
import { createPoster } from '../../../src/monitor/report/status.ts';
import type { AttemptEntry } from '../../../src/format/history-line.ts';
import { aClaim, aConfig, anAttempt, aSeen, aStatus, aWaiting, bytes } from '../../support/builders.ts';
import { brokenFiles, type Given, testContext, type TestContext } from '../../support/context.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** Gives the text of a UOW that the program stamped. */
function uow(status: Status, log = '', stamp = '1700000000-1'): string {
  const line = statusLineFromStatus(status, '\n');
  return `timestamp: ${stamp} enqueued\n\n==== UNIT OF WORK\n\ncommand :: true\n\n==== STATUS\n\n${line}\n==== JOB LOG\n\n${log}`;
}

const attempt = (name: string, more: Partial<AttemptEntry> = {}): AttemptEntry => {
  const told = {
    id: `1.${name}`,
    name: textOfName(name),
    stamp: '1700000000-1',
    outcome: 'error',
    reason: 'exit=3',
  } as const;
  return { ...anAttempt(name), ...told, ended_at: '2026-11-22T04:31:06.123Z', duration_ms: 1500, ...more };
};

describe('what ended last', () => {
  const names = ({ context }: TestContext): readonly string[] => endedNow(context).map(({ name }) => name);

  it('is kept up with the history, the newest first, fifty of them', () => {
    const test = testContext();
    const told = { at: '2026-11-22T04:31:06Z', host: 'host', monitor_version: '0.1.0' };
    for (let number = 1; number <= 60; number++) appendHistory(test.context, attempt(`a${number}`));
    appendHistory(test.context, { kind: 'monitor-stopped', why: 'shutdown', running: 0, ...told });
    appendHistory(test.context, { kind: 'cancelled', name: 'z', stamp: '1-1', queue: 'wait', ...told });
    expect(names(test)).toHaveLength(50);
    expect(names(test).slice(0, 3)).toEqual(['z', 'a60', 'a59']);
  });

  it('is the same after a restart, also behind torn lines and lines of a later version', () => {
    const test = testContext();
    for (let number = 1; number <= 60; number++) appendHistory(test.context, attempt(`"odd\xff${number}`));
    appendFileSync(
      test.path('history.jsonl'),
      '{"kind":"attempt","name":\n{}\nnull\n{"kind":"invented","name":"x"}\n{"kind',
    );
    const before = endedNow(test.context);
    test.context.picture.ended.length = 0;
    loadEnded(test.context);
    expect(endedNow(test.context)).toEqual(before);
    expect(before[0]).toEqual({
      ...{ name: '"odd\xff60', outcome: 'error', reason: 'exit=3', attempt: 1, flags: [] },
      ...{ endedAt: Date.UTC(2026, 10, 22, 4, 31, 6, 123), durationMs: 1500 },
    });
  });

  it('tells how long a job usually takes, the same after a restart, of the last runs of the last jobs', () => {
    const test = testContext();
    const { picture } = test.context;
    const done = { outcome: 'done', reason: 'exit=0' } as const;
    for (let number = 1; number <= 12; number++)
      appendHistory(test.context, attempt('copy', { ...done, duration_ms: number * 10_000 }));
    appendHistory(test.context, attempt('copy', { duration_ms: 900_000 }));
    const before = new Map(picture.tookMs);
    expect(before).toEqual(new Map([['copy', [4, 5, 6, 7, 8, 9, 10, 11, 12].map((each) => each * 10_000)]]));
    picture.tookMs.clear();
    loadUsual(test.context);
    expect(picture.tookMs).toEqual(before);
    for (let number = 1; number <= 2500; number++)
      noteUsual(picture, { ...attempt(`a${number}`, done), duration_ms: 9000 });
    expect(picture.tookMs.size).toBe(2000);
    expect(picture.tookMs.has('copy')).toBe(false);
  });

  it('tells no end of what is suspended', () => {
    const test = testContext();
    for (let number = 1; number <= 3; number++)
      appendHistory(test.context, attempt('copy', { outcome: 'done', reason: 'exit=0', duration_ms: 10_000 }));
    const estimate = (isSuspended: boolean): unknown =>
      runningOf(test.context, aClaim('copy', { isSuspended })).estimate;
    expect(estimate(false)).toMatchObject({ from: 'history', usualMs: 10_000 });
    expect(estimate(true)).toBeUndefined();
  });

  it('is found where it stands now, with the marks of its STATUS', () => {
    const test = testContext();
    appendHistory(test.context, attempt('a'));
    const now = (): unknown => endedNow(test.context).map(({ queue, flags }) => [queue, ...flags]);
    expect(now()).toEqual([[undefined]]);
    test.write('error-q/a', uow(aStatus('error', { reason: { kind: 'exit', code: 3 } })));
    expect(now()).toEqual([['error']]);
    rmSync(test.path('error-q/a'));
    test.write('archive/a', uow(aStatus('error', { flags: ['ack', 'log!'] })));
    expect(now()).toEqual([['archive', 'ack', 'log!']]);
    // A second attempt has been made: its marks are not the first one's.
    test.write('archive/a', uow(aStatus('error', { flags: ['ack'], attempt: 2 })));
    expect(now()).toEqual([['archive']]);
  });

  it('is not another UOW that has got its name', () => {
    const test = testContext();
    appendHistory(test.context, attempt('a'));
    test.write('error-q/a', uow(aStatus('error'), '', '1700000000-2'));
    expect(endedNow(test.context)[0]?.queue).toBeUndefined();
  });
});

describe('what waits', () => {
  it('is listed from the front; those behind are never looked at', () => {
    function* many(): Generator<WaitingUow> {
      for (let number = 0; number < 100; number++) yield aWaiting(`w${number}`);
      throw new Error('looked behind the front');
    }
    const { context } = testContext();
    const seen = aSeen({ waiting: { wait: many() }, counts: { wait: 100_000 } });
    const posted = postedNow(context, seen, { isAlive: true, waitingLimit: 100 });
    expect(posted.waiting).toHaveLength(100);
    expect(posted.waitingTotal).toBe(100_000);
    expect(posted.waiting.slice(0, 3).map(({ why }) => why)).toEqual([
      'next in line',
      'behind 1 other in its queue',
      'behind 2 others in its queue',
    ]);
  });

  it('says why it waits behind an urgent one', () => {
    const { context } = testContext();
    const urgent = aWaiting('p', { queue: 'priority' });
    const seen = aSeen({ waiting: { priority: [urgent], wait: [aWaiting('w'), aWaiting('h', { held: true })] } });
    const { waiting } = postedNow(context, seen, { isAlive: true, waitingLimit: Infinity });
    expect(waiting.map(({ why }) => why)).toEqual([
      'next in line',
      'behind 1 in priority-q',
      'held (RELEASE lets it go)',
    ]);
  });
});

describe('posting', () => {
  const posted = (test: TestContext): string => readFileSync(test.path('status/status.json'), 'utf8');

  it('is done at once and then at most once a second', () => {
    const test = testContext();
    const poster = createPoster(test.context);
    poster.postSoon();
    test.clock.pass(0);
    const first = posted(test);
    test.clock.pass(400);
    for (let times = 0; times < 10; times++) poster.postSoon();
    test.clock.pass(599);
    expect(posted(test)).toBe(first);
    test.clock.pass(1);
    expect(posted(test)).not.toBe(first);
    const { mtimeMs } = statSync(test.path('status/status.json'));
    test.clock.pass(100_000);
    expect(statSync(test.path('status/status.json')).mtimeMs).toBe(mtimeMs);
    expect(readdirSync(test.path('status')).sort()).toEqual(['index.html', 'status.json', 'status.txt']);
  });

  it('says at the end that no monitor runs, and nothing behind that', () => {
    const test = testContext();
    const poster = createPoster(test.context);
    poster.postSoon();
    poster.close();
    poster.postSoon();
    test.clock.pass(5000);
    expect(JSON.parse(posted(test))).toMatchObject({ alive: false, state: 'not-running' });
    expect(readFileSync(test.path('status/status.txt'), 'utf8')).toMatch(/^no monitor runs /);
    expect(readFileSync(test.path('status/index.html'), 'utf8')).toContain('No monitor runs');
  });

  it('to a directory that cannot be written is said once and stops nothing', () => {
    let isBroken = true;
    const test = testContext({ files: brokenFiles('EACCES', ['create'], () => isBroken) });
    const poster = createPoster(test.context);
    for (let times = 0; times < 3; times++) {
      poster.postSoon();
      test.clock.pass(1000);
    }
    expect(test.notices.map(({ event, text }) => `${event} ${text}`)).toEqual([
      expect.stringMatching(/^fault the status cannot be posted in .*EACCES.*set status\.dir$/),
    ]);
    isBroken = false;
    poster.postSoon();
    test.clock.pass(1000);
    expect(JSON.parse(posted(test))).toMatchObject({ alive: true });
  });

  it('that failed is tried again at a later beat, though nothing changes; once it is there nothing is written', () => {
    let isBroken = true;
    const test = testContext({ files: brokenFiles('ENOSPC', ['create'], () => isBroken) });
    const { clock } = test;
    const poster = createPoster(test.context);
    expect(poster.beat(clock.now())).toBe(Infinity);
    poster.postSoon();
    clock.pass(0);
    // Asked to wake once, so that the loop knows when the next try is due.
    expect(test.wakes()).toBe(1);
    const dueAt = poster.beat(clock.now());
    expect(dueAt - clock.now()).toBe(15_000);
    clock.pass(14_999);
    isBroken = false;
    expect(poster.beat(clock.now())).toBe(dueAt);
    expect(existsSync(test.path('status/status.json'))).toBe(false);
    isBroken = true;
    clock.pass(1);
    expect(poster.beat(clock.now())).toBe(dueAt + 15_000);
    isBroken = false;
    clock.pass(15_000);
    expect(poster.beat(clock.now())).toBe(Infinity);
    expect(JSON.parse(posted(test))).toMatchObject({ alive: true });
    const { ino } = statSync(test.path('status/status.json'));
    clock.pass(100_000);
    expect(poster.beat(clock.now())).toBe(Infinity);
    expect(statSync(test.path('status/status.json')).ino).toBe(ino);
    expect(test.wakes()).toBe(1);
  });

  it('beats on when the clock was set back', () => {
    const test = testContext({ config: { heartbeatMs: 300_000 } });
    const { clock } = test;
    const poster = createPoster(test.context);
    poster.beat(clock.now());
    clock.set(clock.now() - 86_400_000);
    expect(poster.beat(clock.now())).toBe(clock.now() + 300_000);
  });

  it('is off where the setting says so', () => {
    const { statusDir: _dir, ...config } = aConfig();
    const test = testContext();
    const context = { ...test.context, config, paths: { ...test.context.paths, status: undefined } };
    createPoster(context).close();
    expect(existsSync(test.path('status/status.json'))).toBe(false);
  });
});

describe('a status directory elsewhere', () => {
  function elsewhere(given: Given = {}): TestContext & { readonly there: string; readonly post: () => void } {
    const there = join(scratchFolder(), 'board');
    const test = testContext({ ...given, config: { statusDir: there } });
    let poster = createPoster(test.context);
    const post = (): void => {
      poster.close();
      poster = createPoster(test.context);
    };
    return { ...test, there, post };
  }
  const copies = (there: string): readonly string[] => readdirSync(join(there, 'uow')).sort();

  it('is made, and has a copy of each UOW that is listed, and links to it', () => {
    const { context, write, there, post } = elsewhere();
    for (const name of ['a', 'gone', 'odd \xff']) appendHistory(context, attempt(name));
    write('error-q/a', uow(aStatus('error'), 'no such table\n'));
    appendHistory(context, attempt('b c'));
    write('error-q/b c', uow(aStatus('error')));
    post();
    expect(copies(there)).toEqual(['a.txt', 'b=20c.txt']);
    expect(readFileSync(join(there, 'uow/a.txt'), 'utf8')).toBe(uow(aStatus('error'), 'no such table\n'));
    const html = readFileSync(join(there, 'index.html'), 'utf8');
    expect(html).toContain('<a href="uow/a.txt">a</a>');
    expect(html).toContain('<a href="uow/b%3D20c.txt">');
    expect(html).not.toMatch(/href="\.\./);
  });

  it('gets a copy anew when the UOW changed, and not else', () => {
    const { context, write, path, there, post } = elsewhere();
    appendHistory(context, attempt('a'));
    write('error-q/a', uow(aStatus('error')));
    const poster = createPoster(context);
    const inode = (): number => statSync(join(there, 'uow/a.txt')).ino;
    post();
    poster.close();
    const first = inode();
    poster.close();
    expect(inode()).toBe(first);
    appendFileSync(path('error-q/a'), 'one more line\n');
    poster.close();
    expect(inode()).not.toBe(first);
    expect(readFileSync(join(there, 'uow/a.txt'), 'utf8')).toMatch(/one more line\n$/);
  });

  it('has the head and the end of a long log', () => {
    const { context, write, there, post } = elsewhere();
    appendHistory(context, attempt('a'));
    const log = Array.from({ length: 20_000 }, (_none, at) => `line ${at}\n`).join('');
    write('error-q/a', uow(aStatus('error'), log));
    post();
    const copy = readFileSync(join(there, 'uow/a.txt'), 'utf8');
    expect(copy).toContain(uow(aStatus('error')));
    const [, left = '', tail = ''] = /\n… (\d+) bytes of the log are left out here …\n\n([^]*)$/.exec(copy) ?? [];
    expect(tail.length).toBeGreaterThan(65_000);
    expect(tail.length).toBeLessThanOrEqual(65_536);
    expect(`\n${log}`.endsWith(`\n${tail}`)).toBe(true);
    expect(Number(left) + tail.length).toBe(log.length + 1);
  });

  it('loses a copy that is listed no longer, also after a restart, and no file of anybody else', () => {
    const { context, write, path, there, post, notices } = elsewhere();
    mkdirSync(join(there, 'uow'), { recursive: true });
    writeFileSync(join(there, 'uow/b.txt'), 'mine');
    writeFileSync(join(there, 'uow/c.txt'), 'mine too');
    for (const name of ['a', 'b']) {
      appendHistory(context, attempt(name));
      write(`error-q/${name}`, uow(aStatus('error')));
    }
    post();
    expect(copies(there)).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('uow/b.txt')]);
    rmSync(path('error-q/a'));
    post();
    post();
    expect(copies(there)).toEqual(['b.txt', 'c.txt']);
    expect(readFileSync(join(there, 'uow/b.txt'), 'utf8')).toBe('mine');
  });

  it('leaves a page of somebody else as it is, says so, and posts the rest beside it', () => {
    const { there, post, notices } = elsewhere();
    mkdirSync(there);
    writeFileSync(join(there, 'index.html'), 'mine');
    post();
    post();
    expect(readFileSync(join(there, 'index.html'), 'utf8')).toBe('mine');
    expect(readdirSync(there).sort()).toEqual(['index.html', 'status.json', 'status.txt', 'uow']);
    expect(notices.map(({ event, text }) => `${event} ${text}`)).toEqual([
      'attention index.html in the status directory is not the monitor’s: left as it is; move it elsewhere, or set status.dir',
    ]);
    rmSync(join(there, 'index.html'));
    post();
    expect(readFileSync(join(there, 'index.html'), 'utf8')).toContain('<html');
    // Its own it knows by now, also after a restart, and also where nothing is listed.
    writeFileSync(join(there, 'index.html'), 'old');
    post();
    post();
    expect(readFileSync(join(there, 'index.html'), 'utf8')).toContain('<html');
  });

  it('does not take files for its own because it made such ones in another directory', () => {
    const { context, write, there, post } = elsewhere();
    appendHistory(context, attempt('a'));
    write('error-q/a', uow(aStatus('error')));
    post();
    const next = `${there}-next`;
    mkdirSync(join(next, 'uow'), { recursive: true });
    for (const name of ['index.html', 'uow/a.txt']) writeFileSync(join(next, name), 'mine');
    createPoster({ ...context, paths: { ...context.paths, status: bytes(next) } }).close();
    for (const name of ['index.html', 'uow/a.txt']) expect(readFileSync(join(next, name), 'utf8')).toBe('mine');
    expect(existsSync(join(next, 'status.txt'))).toBe(true);
  });

  it('knows the copies of a version that named no directory', () => {
    const { context, write, path, there, post } = elsewhere();
    mkdirSync(join(there, 'uow'), { recursive: true });
    for (const name of ['a.txt', 'gone.txt', 'b.txt']) writeFileSync(join(there, 'uow', name), 'old');
    writeFileSync(path('.sjq/copies'), 'a.txt\ngone.txt\n');
    appendHistory(context, attempt('a'));
    write('error-q/a', uow(aStatus('error')));
    post();
    expect(copies(there)).toEqual(['a.txt', 'b.txt']);
    expect(readFileSync(join(there, 'uow/a.txt'), 'utf8')).toBe(uow(aStatus('error')));
  });

  it('follows no symlink that stands for a UOW', () => {
    const { context, there, post, path } = elsewhere();
    appendHistory(context, attempt('a'));
    writeFileSync(path('secret'), 'secret');
    symlinkSync(path('secret'), path('error-q/a'));
    post();
    expect(copies(there)).toEqual([]);
  });
});
