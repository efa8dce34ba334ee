// The messages that ask: HELP, STATUS, CONFIG.
import { shownFromName } from '../../model/bytes.ts';
import type { Config } from '../../model/config.ts';
import { messageTable } from '../../model/message.ts';
import { isEndedQueue, queueKinds } from '../../model/queue.ts';
import type { Seen } from '../../model/seen.ts';
import { settings } from '../../model/settings.ts';
import { textFromDurationMs } from '../../model/time.ts';
import { resourcesOf, textFromResources } from '../resources.ts';

/** Gives a line for each message there is. */
export function helpLines(): readonly string[] {
  return messageTable.map(({ form, meaning }) => `${form}: ${meaning}`);
}

/** Gives the state and the counts, then a line for each running job. */
export function statusLines(seen: Seen, config: Config): readonly string[] {
  const { control } = seen;
  const slots = control.slots ?? config.slots;
  const because = control.suspended === undefined ? '' : ` (the monitor suspended itself: ${control.suspended})`;
  const state = control.finishing ? 'finishing' : control.paused ? `paused${because}` : 'serving';
  const counts = queueKinds.map((queue) => `${config.queues[queue]} ${seen.counts[queue]}`).join(', ');
  const ended = queueKinds.filter(isEndedQueue).reduce((sum, queue) => sum + seen.counts[queue], 0);
  const lines = [
    `${state}, ${seen.claims.length} running, ${slots} slot${slots === 1 ? '' : 's'}, ${ended} ended: ${counts}`,
  ];
  const resources = resourcesOf(control, config, seen.claims);
  if (resources.size > 0) lines.push(`taken of resources: ${textFromResources(resources)}`);
  for (const { record, started, isSuspended } of seen.claims) {
    const duration = textFromDurationMs(seen.now - record.claimedAt);
    const what = started !== 'yes' ? 'starting' : `${isSuspended ? 'suspended, started' : 'running for'} ${duration}`;
    const ago = isSuspended && started === 'yes' ? ' ago' : '';
    lines.push(`${shownFromName(record.name)} attempt ${record.attempt} ${what}${ago}`);
  }
  return lines;
}

/** Gives every setting in force, by its name in config.yaml. */
export function configLines(config: Config): readonly string[] {
  return settings.flatMap(({ name, takes, of }) => {
    if (!of) return [];
    const value = of(config);
    if (typeof value === 'number' && takes.kind === 'duration') return `${name} = ${textFromDurationMs(value)}`;
    if (typeof value === 'boolean') return `${name} = ${value ? 'yes' : 'no'}`;
    return `${name} = ${value === undefined ? 'off' : typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
}
