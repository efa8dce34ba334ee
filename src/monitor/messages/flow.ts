// PAUSE FLOW and RESUME FLOW: the word in the flow's own STATUS, which is also how a later life of the monitor knows it.
import type { Deed, Done } from '../../model/action.ts';
import { writeFlowStatus } from '../apply/note-flows.ts';
import type { Context } from '../context.ts';
import { statusByMembers } from '../survey/flows.ts';

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
