import { linkSync, readdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/model/bytes.ts';
import type { Seen } from '../../../src/model/seen.ts';
import { openInbox } from '../../../src/monitor/messages/inbox.ts';
import { plan } from '../../../src/plan/plan.ts';
import { survey } from '../../../src/monitor/survey/survey.ts';
import { wake } from '../../../src/monitor/wake.ts';
import { realFiles } from '../../../src/system/files.ts';
import { bytes } from '../../support/builders.ts';
import { type Given, sorted, testContext } from '../../support/context.ts';

const plain = '==== UNIT OF WORK\n\ncommand :: true\n';

function stamped(ordinal: number, status = 'waiting #0 2026-11-22T04:31:06Z', ...header: readonly string[]): string {
  const lines = ['command :: true', ...header].join('\n');
  return `timestamp: 1700000000-${ordinal} enqueued\n\n==== UNIT OF WORK\n\n${lines}\n\n==== STATUS\n\n${status.padEnd(63)}\n\n==== JOB LOG\n\n`;
}

function rig(given: Given = {}) {
  const test = testContext({ now: Date.now() + 60_000, ...given });
  const look = (): Seen => survey(test.context, [], true);
  return {
    ...test,
    look,
    /** Stands there since long ago. */
    old: (path: string, text: string): void => {
      test.write(path, text);
      utimesSync(test.path(path), 1e9, 1e9);
    },
    waiting: (): readonly string[] => Object.values(test.context.picture.waiting).flatMap(namesOf),
    arriving: (): readonly string[] => sorted([...test.context.picture.arrivals].map(({ name }) => name)),
    /** What a plan would do about those that arrive. */
    planned: (seen: Seen): readonly string[] =>
      sorted(
        plan(seen, test.context.config).flatMap((action) =>
          action.kind === 'accept' || action.kind === 'take-in'
            ? [
                `${action.kind} ${action.arrival.name}${action.kind === 'take-in' && action.fresh ? ' as a new one' : ''}`,
              ]
            : [],
        ),
      ),
  };
}

const namesOf = (uows: Iterable<{ readonly name: Bytes }>): readonly string[] => [...uows].map(({ name }) => name);

/** Lists names in that order, which a real directory has by chance. */
function listing(order: readonly string[]): Given {
  const place = (name: Bytes): number => order.indexOf(name);
  return { files: { list: (dir) => realFiles.list(dir)?.toSorted((a, b) => place(a) - place(b)) } };
}

describe('what waited before a start', () => {
  it('waits at once if it is as an earlier life left it, and nothing else does', () => {
    const { old, write, path, look, waiting, arriving } = rig({ now: Date.now() });
    old('wait-q/known', stamped(1));
    old('priority-q/urgent', stamped(2));
    write('wait-q/young', stamped(3));
    old('wait-q/dropped', plain);
    old('wait-q/ended', stamped(4, 'done exit=0 #1 2026-11-22T04:31:06Z 0.0s'));
    old('wait-q/held', stamped(5, 'waiting held #0 2026-11-22T04:31:06Z'));
    old('wait-q/only', stamped(6, undefined, 'unique :: key'));
    old('wait-q/linked', stamped(7));
    linkSync(path('wait-q/linked'), path('its-other-name'));
    old('currently-executing/by-hand', stamped(8));
    look();
    expect(waiting()).toEqual(['known', 'urgent']);
    expect(arriving()).toEqual(['by-hand', 'dropped', 'ended', 'held', 'linked', 'only', 'young']);
  });

  it('does not wait at once if something else has its name', () => {
    const { old, write, path, look, waiting, arriving } = rig();
    for (const name of ['in-done', 'in-flows', 'in-both', 'free']) old(`wait-q/${name}`, stamped(name.length));
    write('done-q/in-done', 'of another');
    write('flows/in-flows', 'a flow');
    old('priority-q/in-both', stamped(9));
    expect(readdirSync(path('flows'))).toEqual(['in-flows']);
    look();
    expect(waiting()).toEqual(['free']);
    expect(new Set(arriving())).toEqual(new Set(['in-both', 'in-done', 'in-flows']));
  });

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('is judged beside another of its stamp, whichever is found first: %s before %s', (...order) => {
    const { old, look, waiting, arriving, planned } = rig(listing(order));
    // `b` has come further: it is no copy, though the other is older.
    old('wait-q/a', stamped(1, 'waiting #0 2026-11-22T04:31:06Z'));
    old('wait-q/b', stamped(1, 'waiting #1 2026-11-22T04:31:06Z', 'priority :: 3'));
    old('wait-q/c', stamped(2));
    const seen = look();
    expect(waiting()).toEqual(['c']);
    expect(arriving()).toEqual(['a', 'b']);
    expect(planned(seen)).toEqual(['accept b', 'take-in a as a new one']);
  });

  it('is judged beside one in currently-executing that has its stamp', () => {
    const { old, look, waiting, arriving } = rig();
    old('wait-q/a', stamped(1));
    old('currently-executing/b', stamped(1));
    look();
    expect([waiting(), arriving()]).toEqual([[], ['a', 'b']]);
  });

  it('is missed if it goes while another of its stamp is found', () => {
    const order = ['a', 'b'];
    const { old, path, look, context } = rig({
      files: {
        ...listing(order).files,
        stat: (file) => {
          if (file.endsWith('wait-q/b')) renameSync(path('wait-q/a'), path('gone'));
          return realFiles.stat(file);
        },
      },
    });
    old('wait-q/a', stamped(1));
    old('wait-q/b', stamped(1));
    look();
    expect(namesOf(context.picture.vanished.map(({ uow }) => uow))).toEqual(['a']);
  });

  it('that a person renames meanwhile waits under its new name', () => {
    const { old, path, look, waiting, arriving, context } = rig(listing(['a', 'z']));
    old('wait-q/a', stamped(1));
    look();
    expect(waiting()).toEqual(['a']);
    renameSync(path('wait-q/a'), path('wait-q/z'));
    // Another look of the same start.
    context.picture.unlooked.add('wait');
    context.picture.hints.set('wait', { isAll: false, names: new Set([bytes('z')]) });
    look();
    expect(arriving()).toEqual(['z']);
    expect(context.picture.vanished).toEqual([]);
    expect(statSync(path('wait-q/z')).ino).toBe([...context.picture.arrivals][0]?.ino);
  });

  it('may start in the wake that comes at once behind the one that found it', () => {
    const { old, context } = rig();
    old('wait-q/a', stamped(1));
    expect(wake(context, openInbox(context), true)).toMatchObject({ hasChanged: true, isIdle: false });
  });
});
