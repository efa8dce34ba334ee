import { linkSync, renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Seen } from '../../../src/model/seen.ts';
import { hint } from '../../../src/monitor/survey/picture.ts';
import { survey } from '../../../src/monitor/survey/survey.ts';
import { realFiles } from '../../../src/system/files.ts';
import { eventually } from '../../support/eventually.ts';
import { bytes } from '../../support/builders.ts';
import { testContext } from '../../support/context.ts';

const plain = '==== UNIT OF WORK\n\ncommand :: true\n';

/** A root whose done-q takes as much room as one of thousands of files. */
function rig(now = Date.now() + 3_600_000) {
  const lists: string[] = [];
  const test = testContext({
    now,
    files: {
      stat: (path) => {
        const stat = realFiles.stat(path);
        return stat && path.endsWith('/done-q') ? { ...stat, sizeBytes: 1_000_000 } : stat;
      },
      list: (dir) => {
        lists.push(dir);
        return realFiles.list(dir);
      },
    },
  });
  const { context, write } = test;
  const { picture } = context;
  for (let number = 0; number < 600; number++) write(`done-q/f${number}`, plain);
  write('done-q/README', 'read me');
  write('history.jsonl', '');
  const look = (isPoll = true): Seen => survey(context, [], isPoll);
  const counted = async (): Promise<void> => {
    await eventually(() => picture.asking.size === 0, { what: 'it is counted' });
  };
  const looked = async (): Promise<void> => {
    look();
    look(false);
    await counted();
    look(false);
  };
  return { ...test, picture, lists, look, counted, looked };
}

describe('a queue of what has ended that holds very many', () => {
  it('is counted outside of the wake, and its READMEs are found', async () => {
    const { look, lists, picture, counted } = rig();
    expect([look().counts.done, look(false).counts.done]).toEqual([0, 0]);
    await counted();
    expect(picture.isNews).toBe(true);
    const { counts, arrivals } = look(false);
    expect([counts.done, arrivals.map(({ name }) => name)]).toEqual([600, ['README']]);
    expect(lists.filter((dir) => dir.endsWith('/done-q'))).toEqual([]);
  });

  it('has what a person put there looked at, though no hint told of it', async () => {
    const { look, write, path, counted, looked } = rig(Date.now());
    await looked();
    expect(look(false).arrivals.map(({ name }) => name)).toEqual(['README']);
    write('new', plain);
    renameSync(path('new'), path('done-q/new'));
    look();
    await counted();
    const { counts, arrivals } = look(false);
    expect(counts.done).toBe(601);
    expect(arrivals.map(({ name }) => name)).toContain('new');
  });

  it('is counted again after a hint of a person’s hand, and keeps meanwhile the count that the monitor’s own moves made', async () => {
    const { look, path, picture, counted, looked } = rig();
    await looked();
    linkSync(path('done-q/f1'), path('done-q/g1'));
    hint(picture, 'done', bytes('g1'));
    expect(look(false).counts.done).toBe(600);
    await counted();
    expect(look(false).counts.done).toBe(601);
    await counted();
  });

  it('keeps what is moved there while it is counted', async () => {
    const { look, picture, counted, looked } = rig();
    await looked();
    picture.staleCounts.add('done');
    look(false);
    picture.counts.done += 1;
    await counted();
    expect([picture.counts.done, picture.staleCounts.has('done')]).toEqual([601, true]);
  });
});

it('a directory whose listing takes long is not listed again at each poll, but for a hundredth of the time', () => {
  let lists = 0;
  const test = testContext({
    now: Date.now() + 3_600_000,
    files: {
      list: (dir) => {
        if (dir.endsWith('/wait-q')) {
          lists += 1;
          test.clock.pass(200);
        }
        return realFiles.list(dir);
      },
    },
  });
  const { context, write, clock } = test;
  const polled = (): number => {
    survey(context, [], true);
    return lists;
  };
  expect(polled()).toBe(1);
  write('wait-q/a', plain);
  clock.pass(19_000);
  expect(polled()).toBe(1);
  clock.pass(1000);
  expect(polled()).toBe(2);
});
