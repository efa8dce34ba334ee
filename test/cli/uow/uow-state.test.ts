import { expect, it } from 'vitest';
import { stateOf, type UowState } from '../../../src/cli/uow/uow-state.ts';
import { statusFromText } from '../../../src/format/status-line.ts';

function shortly(state: UowState): string {
  if (state.kind === 'waiting') return `waiting after ${state.attempts}${state.isRetry ? ', retried' : ''}`;
  if (state.kind === 'running') return `running ${state.attempt}`;
  return `${state.word} ${state.reason?.kind ?? '-'}`;
}

it.for([
  // queue, STATUS, names, state
  ['wait', undefined, 1, 'waiting after 0'],
  ['wait', 'waiting #0', 1, 'waiting after 0'],
  ['priority', 'waiting retry #2', 1, 'waiting after 1, retried'],
  ['wait', 'running #1', 3, 'running 1'],
  ['wait', 'fail timeout #1', 1, 'waiting after 1'],
  ['executing', 'waiting #0', 1, 'waiting after 0'],
  ['executing', 'running #1', 2, 'running 1'],
  ['executing', 'done exit=0 #1', 2, 'running 1'],
  ['executing', 'done exit=0 #1', 1, 'waiting after 1'],
  ['done', 'done exit=0 #1', 2, 'done exit'],
  ['done', 'running #1', 2, 'running 1'],
  ['done', 'waiting #0', 1, 'skipped -'],
  ['done', 'skipped #0', 1, 'skipped -'],
  ['done', 'fail timeout #1', 1, 'done -'],
  ['error', 'error exit=3 #1', 1, 'error exit'],
  ['fail', 'running #1', 1, 'fail interrupted'],
  ['archive', 'error exit=3 #1', 1, 'error exit'],
  ['archive', 'waiting #0', 1, 'cancelled -'],
  ['trash', undefined, 1, 'cancelled -'],
  ['trash', 'running #1', 2, 'running 1'],
  [undefined, 'running #1', 1, 'running 1'],
  [undefined, 'done exit=0 #1', 1, 'done exit'],
] as const)('in %s with STATUS "%s" and %i names it is: %s', ([queue, text, links, state]) => {
  const status = text === undefined ? undefined : statusFromText(`${text} 2026-11-22T04:31:06Z`);
  expect(shortly(stateOf(queue, status, links))).toBe(state);
});
