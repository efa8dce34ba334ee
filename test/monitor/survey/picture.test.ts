import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/model/bytes.ts';
import type { Queue } from '../../../src/model/queue.ts';
import { mayStandIn, noteOwnMove } from '../../../src/monitor/survey/picture.ts';
import { survey } from '../../../src/monitor/survey/survey.ts';
import { hint } from '../../../src/monitor/survey/picture.ts';
import { testContext } from '../../support/context.ts';

const plain = '==== UNIT OF WORK\n\ncommand :: true\n';

describe('whether a name may stand in a queue', () => {
  const rig = () => {
    const test = testContext();
    test.write('done-q/a', plain);
    test.write('priority-q/b', plain);
    for (let number = 0; number < 1100; number++) test.write(`wait-q/f${number}`, plain);
    survey(test.context, [], true);
    const may = (queue: Queue, name: string): boolean => mayStandIn(test.context.picture, queue, name as Bytes);
    return { ...test, may };
  };

  it('is known at the start without a look, of names that are looked at and of those that are yet to be', () => {
    const { may, context } = rig();
    expect(context.picture.isLookOwed).toBe(true);
    expect([may('done', 'a'), may('priority', 'b'), may('wait', 'f0'), may('wait', 'f1099')]).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect([may('done', 'f0'), may('priority', 'f0'), may('error', 'f0'), may('executing', 'f0')]).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  it('is known also of what came there since, moved by the monitor or by hand', () => {
    const { may, context, write } = rig();
    const { picture } = context;
    write('done-q/own', plain);
    noteOwnMove(picture, 'done', 'own');
    write('error-q/by-hand', plain);
    hint(picture, 'error', 'by-hand' as Bytes);
    const knows = (): readonly boolean[] => [may('done', 'own'), may('error', 'by-hand'), may('done', 'none')];
    survey(context, [], true);
    expect(knows()).toEqual([true, true, false]);
  });

  it('is to be looked for when the first look is over', () => {
    const { may, context } = rig();
    while (context.picture.isFirstLook) survey(context, [], false);
    expect([may('done', 'none'), may('wait', 'none')]).toEqual([true, true]);
  });
});
