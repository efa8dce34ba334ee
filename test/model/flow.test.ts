import { expect, it } from 'vitest';
import { type FlowMember, flowStateOf } from '../../src/model/flow.ts';
import type { ParentSeen } from '../../src/model/parents.ts';
import { bytes } from '../support/builders.ts';

const member = (name: string, state: FlowMember['state'], ...parents: readonly ParentSeen[]): FlowMember => ({
  ...{ name: bytes(name), state, isHeld: false, parents },
});
const after = (name: string, state: ParentSeen['state'], wanted: ParentSeen['wanted'] = 'done'): ParentSeen => ({
  ...{ name: bytes(name), wanted, state },
});

it('is running while anything runs or may start, blocked while nothing can without a person, done when all is', () => {
  const of = (...members: readonly FlowMember[]): string => flowStateOf(members).word;
  expect(of(member('a', 'runs'), member('b', 'waits', after('a', 'waits')))).toBe('running');
  expect(of(member('a', 'waits'), member('b', 'waits', after('a', 'waits')))).toBe('running');
  expect(of(member('a', 'bad'), member('b', 'waits', after('a', 'bad')))).toBe('blocked');
  expect(of(member('a', 'bad'), member('b', 'waits', after('a', 'bad')), member('c', 'waits'))).toBe('running');
  const c = member('c', 'waits', after('b', 'waits'));
  expect(of(member('a', 'bad'), member('b', 'waits', after('a', 'bad')), c)).toBe('blocked');
  expect(of({ ...member('a', 'waits'), isHeld: true }, member('b', 'waits', after('a', 'waits')))).toBe('blocked');
  expect(of(member('a', 'done'), member('b', 'continued'))).toBe('done');
  expect(of(member('a', 'done'), member('b', 'waits', after('a', 'done', 'not-ok')))).toBe('done');
  expect(of(member('a', 'done'), member('b', 'cancelled'))).toBe('blocked');
  expect(of(member('a', 'waits', after('b', 'waits')), member('b', 'waits', after('a', 'waits')))).toBe('blocked');
  expect(flowStateOf([member('a', 'done'), member('b', 'runs')])).toEqual({ word: 'running', done: 1 });
});
