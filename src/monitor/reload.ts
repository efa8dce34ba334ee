// RELOAD: config.yaml read anew and used whole, or refused with every line that is wrong and the old one left in force.
import { errnoOf } from '../model/errno.ts';
import { SjqError } from '../model/errors.ts';
import { configChanges } from '../model/settings.ts';
import type { Context } from './context.ts';
import { readJobTypes } from './job-types.ts';
import { readConfig } from './read-config.ts';

/** Settings that name places: the monitor stands in them. */
const fixed = /^(queues|messages|status|job_types|cgroup)\b/;

/** Reloads the settings; the answer goes to whoever asked: a message, or `SIGHUP`. */
export function reload(context: Context, fields: { readonly to: string; readonly by?: string | undefined }): void {
  const say = (event: 'answer' | 'refused', text: string): void => context.say({ event, fields, text });
  let next;
  let jobTypes;
  try {
    next = readConfig(context.machine.files, context.paths.root);
    jobTypes = readJobTypes(context);
  } catch (error) {
    const message = error instanceof SjqError ? error.message : errnoOf(error) && `cannot be read: ${String(error)}`;
    if (message === undefined) throw error;
    for (const text of message.split('\n')) say('refused', text);
    say('refused', 'config.yaml is refused; the settings in force stay');
    return;
  }
  const changes = configChanges(context.config, next);
  const places = changes.filter((name) => fixed.test(name));
  if (places.length > 0) {
    const text = `${places.join(', ')} cannot change while the monitor runs: restart it; the settings in force stay`;
    say('refused', text);
    return;
  }
  context.config = next;
  context.picture.jobTypes = jobTypes;
  const text = changes.length > 0 ? `in force now: ${changes.join(', ')}` : 'nothing changed';
  say('answer', text);
}
