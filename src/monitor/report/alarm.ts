// Raising an alarm: the line `TIME alarm NAME kind=KIND attempt=N text` in monitor_says, and every sink.
import { lineFromNotice } from '../../format/notice-line.ts';
import type { Alarm } from '../../model/alarm.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Notice } from '../../model/notice.ts';
import type { Context } from '../context.ts';
import { sayOnce } from './say-once.ts';

/** The line of an alarm that a crash may have come behind stands in this much of the end of monitor_says. */
const tailBytes = 1024 * 1024;

/**
 * Raises it, unless the settings leave its kind out. With `isAgain` an earlier life of the monitor may have done so: then only if monitor_says
 * does not tell of it. Never throws for a sink.
 */
export function raise(context: Context, alarm: Alarm, { isAgain = false }: { readonly isAgain?: boolean } = {}): void {
  const { config, sinks, machine } = context;
  if (!config.alarms.kinds.includes(alarm.kind)) return;
  const { kind, name, attempt, text } = alarm;
  const notice: Notice = { event: 'alarm', ...(name !== undefined && { name }), fields: { kind, attempt } };
  if (isAgain && isSaid(context, notice)) return;
  context.say({ ...notice, text });
  for (const sink of sinks) {
    try {
      sink(alarm, machine.clock.now());
    } catch (error) {
      sayOnce(context, 'sink', { event: 'fault', text: `an alarm could not be passed on: ${String(error)}` });
    }
  }
}

function isSaid({ machine: { files }, paths }: Context, notice: Notice): boolean {
  // Without its time, which is another one.
  const said = lineFromNotice(notice, 0).replace(/^\S+/, '').trimEnd();
  try {
    const path = files.realPath(paths.messagesOut) ?? paths.messagesOut;
    const from = Math.max(0, (files.stat(path)?.sizeBytes ?? 0) - tailBytes);
    return files.read(path, from, tailBytes)?.includes(`${said} `) === true;
  } catch (error) {
    // Rather twice than never.
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
