// PAUSE FLOW, RESUME FLOW and CLOSE FLOW: the word in the flow's own STATUS, which is also how a later life of the monitor knows it.
import type { Deed, Done } from '../../model/action.ts';
import { writeFlowStatus } from '../apply/note-flows.ts';
import type { Context } from '../context.ts';
import { reckonAsParent, statusByMembers } from '../survey/flows.ts';

/** Writes the word, durably. */
export function switchFlow(context: Context, { flow, isPaused }: Extract<Deed, { kind: 'switch-flow' }>): Done {
  const { picture, config, machine } = context;
  const state = picture.flows.get(flow);
  if (!state) return 'gone';
  const by = statusByMembers(context, { ...state, status: { ...state.status, word: 'running' } });
  const status = { ...by, word: isPaused ? ('paused' as const) : by.word, at: machine.clock.now() };
  if (!writeFlowStatus(context, state, status, config.durability === 'power')) return 'gone';
  state.status = status;
  return 'done';
}

/** Writes that no more UOWs join it, durably. Whether it is done by that, the end of the wake finds. */
export function closeFlow(context: Context, { flow }: Extract<Deed, { kind: 'close-flow' }>): Done {
  const { picture, config, machine } = context;
  const state = picture.flows.get(flow);
  if (!state) return 'gone';
  const status = { ...state.status, isClosed: true as const, at: machine.clock.now() };
  if (!writeFlowStatus(context, state, status, config.durability === 'power')) return 'gone';
  state.status = status;
  picture.parents.dirtyFlows.add(flow);
  reckonAsParent(context, state);
  return 'done';
}
