// The plan: from the picture of a root to the list of what to do, in the original's order. Pure: no I/O, no clock, no chance.
import type { Action } from '../model/action.ts';
import type { Config } from '../model/config.ts';
import type { Seen } from '../model/seen.ts';
import { expire } from './rules/expire.ts';
import { fire } from './rules/fire.ts';
import { foreign } from './rules/foreign.ts';
import { intake } from './rules/intake.ts';
import { messages } from './rules/messages.ts';
import { promote } from './rules/promote.ts';
import { recover } from './rules/recover.ts';
import { stop } from './rules/stop.ts';
import { suspend } from './rules/suspend.ts';

/** Gives the actions of one wake, in the order in which they are to be carried out. */
export function plan(seen: Seen, config: Config): readonly Action[] {
  const actions: Action[] = [];
  // A message may pause, end or reload: what it says counts for the rest of this very plan.
  const { actions: answers, control } = messages(seen, config);
  actions.push(...answers);
  const suspension = suspend({ ...seen, control }, config);
  actions.push(...suspension.actions);
  const now: Seen = { ...seen, control: suspension.control };
  actions.push(...recover(now), ...intake(now, config), ...foreign(now, config), ...fire(now));
  if (!answers.some(({ kind }) => kind === 'stop' || kind === 'obey')) actions.push(...expire(now));
  // A monitor that ends now leaves what waits to the next one. What messages do to UOWs changes who is first in line: the next
  // wake, which comes at once, sees it.
  if (!answers.some(({ kind }) => kind === 'stop' || kind === 'obey')) actions.push(...promote(now, config, actions));
  actions.push(...stop(now, actions));
  return actions;
}
