import { describe, expect, it } from 'vitest';
import { configFromYaml } from '../../src/format/config-yaml.ts';
import { textFromProblem } from '../../src/model/errors.ts';
import { messages } from '../../src/plan/rules/messages.ts';
import { promote } from '../../src/plan/rules/promote.ts';
import { waitingWithWhy } from '../../src/plan/why.ts';
import { aClaim, aConfig, aSeen, aWaiting } from '../support/builders.ts';

const config = aConfig({ slots: 9, groups: { g: { slots: 2, priority: 0 }, h: { priority: 5 } } });

function claimed(seen: Parameters<typeof aSeen>[0]): readonly string[] {
  return promote(aSeen(seen), config, []).flatMap((each) => (each.kind === 'claim' ? each.uow.name : []));
}

describe('a group', () => {
  const waiting = {
    priority: [aWaiting('a', { queue: 'priority', group: 'g' })],
    wait: [
      aWaiting('b', { group: 'g', slots: 2 }),
      aWaiting('c', { group: 'g' }),
      aWaiting('d', { group: 'h' }),
      aWaiting('e'),
    ],
  };

  it('has no more than its slots taken, others pass, and nobody of it passes the first', () => {
    expect(claimed({ waiting })).toEqual(['a', 'd', 'e']);
    expect(claimed({ waiting: { wait: waiting.wait } })).toEqual(['b', 'd', 'e']);
    const claims = [aClaim('x', { record: { group: 'g' } }), aClaim('y', { record: { group: 'g' }, isFinished: true })];
    expect(claimed({ waiting: { wait: waiting.wait }, claims })).toEqual(['d', 'e']);
    const seen = aSeen({ waiting: { wait: waiting.wait }, claims });
    expect([...waitingWithWhy(seen, config)].map(({ why }) => why)).toEqual([
      '1 of 2 slots of the group g are taken',
      'behind another of the group g',
      'behind 2 others in its queue',
      'behind 3 others in its queue',
    ]);
  });

  it('whose UOW takes more than it has runs it alone of the group', () => {
    const wide = aWaiting('wide', { group: 'g', slots: 7 });
    expect(claimed({ waiting: { wait: [wide] } })).toEqual(['wide']);
    expect(claimed({ waiting: { wait: [wide] }, claims: [aClaim('x', { record: { group: 'g' } })] })).toEqual([]);
  });

  it('that is paused starts nothing, and others go on', () => {
    expect(claimed({ waiting, control: { pausedGroups: ['g'] } })).toEqual(['d', 'e']);
  });
});

describe('PAUSE GROUP and RESUME GROUP', () => {
  const said = (line: string, seen: Parameters<typeof aSeen>[0] = {}) => {
    const { actions, control } = messages(aSeen({ messages: [line], ...seen }), config);
    return [
      actions.flatMap((each) => (each.kind === 'say' ? (each.notice.text ?? '') : [])).join(),
      control.pausedGroups,
    ];
  };

  it('switch a group that config.yaml, or a UOW, names', () => {
    expect(said('PAUSE GROUP g')).toEqual(['the group g is paused: nothing more of it is started', ['g']]);
    const waiting = { wait: [aWaiting('a', { group: 'two words' })] };
    expect(said('PAUSE GROUP "two words"', { waiting })[1]).toEqual(['two words']);
    expect(said('PAUSE GROUP z', { claims: [aClaim('x', { record: { group: 'z' } })] })[1]).toEqual(['z']);
    expect(said('RESUME GROUP g', { control: { pausedGroups: ['f', 'g'] } })).toEqual(['the group g goes on', ['f']]);
  });

  it('are refused for what nobody has, or is so already', () => {
    expect(said('PAUSE GROUP typo')[0]).toContain('config.yaml has no such group');
    expect(said('PAUSE GROUP g', { control: { pausedGroups: ['g'] } })[0]).toBe('the group g is paused already');
    expect(said('RESUME GROUP g')[0]).toBe('the group g is not paused');
  });
});

it('groups in config.yaml have slots and a priority, and what is wrong is told with its line', () => {
  const parsed = configFromYaml('groups: {a: {slots: 2}, b: {priority: -3}, c: {}}');
  expect(parsed.kind === 'config' && parsed.config.groups).toEqual({
    a: { slots: 2, priority: 0 },
    b: { priority: -3 },
    c: { priority: 0 },
  });
  const bad = configFromYaml('groups:\n  a: {slots: 0}\n  b: {slot: 1}\n  c: {priority: high}\n  d: 3\n');
  expect(bad.kind === 'invalid' && bad.problems.map((each) => textFromProblem(each).slice(0, 34))).toEqual([
    'line 2: bad value of groups.a.slot',
    'line 3: unknown part of a group "s',
    'line 4: bad value of groups.c.prio',
    'line 5: groups.d is no map: write ',
  ]);
});
