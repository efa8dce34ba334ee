import { readFileSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseUow } from '../../../src/format/uow-parse.ts';
import { bytesFromBuffer } from '../../../src/model/bytes.ts';
import { Batch } from '../../../src/monitor/apply/batch.ts';
import { enqueuedEvent, submitterOf } from '../../../src/monitor/apply/submitter.ts';
import { survey } from '../../../src/monitor/survey/survey.ts';
import { takeIn } from '../../../src/monitor/apply/take-in.ts';
import type { Host } from '../../../src/system/host.ts';
import { testContext } from '../../support/context.ts';
import { uowText } from '../../support/root.ts';

/** The host of a monitor that runs as user `uid`. */
function hostOf(uid: number): Host {
  return { ...testContext().context.machine.host, uid, userName: (of) => `user${of}` };
}

/** Drops a file of this test's user, and has a monitor of another one take it in. Gives the event on line 1 then. */
function takenIn(text: string): string {
  const { context, path, write } = testContext({ host: { uid: 4242 } });
  write('wait-q/a', text);
  const old = new Date(Date.now() - 120_000);
  utimesSync(path('wait-q/a'), old, old);
  const arrival = survey(context, [], true).arrivals.find(({ name }) => name === 'a');
  if (!arrival) throw new Error('it must be seen');
  const batch = new Batch(context.machine.files, 'process');
  expect(takeIn(context, arrival, { isFresh: false }, batch)).toBe('done');
  batch.commit((step) => {
    step();
    return true;
  });
  const parsed = parseUow(bytesFromBuffer(readFileSync(path('wait-q/a'))));
  return parsed.kind === 'uow' ? parsed.head.event : '';
}

describe('who dropped a UOW', () => {
  it('is noted on line 1 of the copy that is taken in, whatever the original said there', () => {
    expect(takenIn(uowText('command :: true'))).toBe('enqueued by=ada');
    expect(takenIn(`timestamp: 1700000000-1 enqueued by=mallory\n\n${uowText('command :: true')}`)).toBe(
      'enqueued by=ada',
    );
    expect(takenIn(`timestamp: 1700000000-1 submitted size=99\n\n${uowText('command :: true')}`)).toBe(
      'enqueued by=ada',
    );
  });

  it('is noted for other users only, and kept when the monitor’s own file is taken in again', () => {
    const host = hostOf(1000);
    expect(enqueuedEvent(host, 1001, '')).toBe('enqueued by=user1001');
    expect(enqueuedEvent(host, 1000, '')).toBe('enqueued');
    expect(enqueuedEvent(host, 1000, 'submitted size=9')).toBe('enqueued');
    expect(enqueuedEvent(host, 1000, 'enqueued by=user1001')).toBe('enqueued by=user1001');
    expect(submitterOf(host, 1000, 'enqueued by=CORP\\jane doe')).toBe('CORP\\jane doe');
    expect(submitterOf(host, 1000, 'submitted size=9')).toBe('user1000');
  });

  it('is the owner of the file under a root monitor, whatever line 1 says', () => {
    const root = hostOf(0);
    expect(enqueuedEvent(root, 1001, 'enqueued by=root')).toBe('enqueued');
    expect(submitterOf(root, 1001, 'enqueued by=root')).toBe('user1001');
  });
});
