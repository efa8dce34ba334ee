// `.sjq/control`: the switches that outlive a restart (PAUSE, or why the monitor suspended itself, PAUSE GROUP, SLOTS, RESOURCE). JSON, replaced whole by rename.
import { bytesFromUtf8, utf8FromBytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Control } from '../../model/seen.ts';
import type { Context } from '../context.ts';
import { forgetNotStarted } from '../survey/could-not-start.ts';
import { untilDone } from './until-done.ts';

const limitBytes = 4096;

/** Gives the switches as they were left; all off if there are none. FINISH does not outlive a restart. */
export function readControl({ machine, paths }: Pick<Context, 'machine' | 'paths'>): Control {
  const text = machine.files.read(paths.control, 0, limitBytes);
  const off: Control = { paused: false, finishing: false };
  if (text === undefined) return off;
  try {
    const { paused, suspended, pausedGroups, slots, resources } = (JSON.parse(utf8FromBytes(text)) ?? {}) as Readonly<
      Record<string, unknown>
    >;
    const isCount = typeof slots === 'number' && Number.isInteger(slots) && slots >= 1;
    const counts = countsFrom(resources);
    const groups = Array.isArray(pausedGroups) ? pausedGroups.filter((each) => typeof each === 'string') : [];
    return {
      ...off,
      paused: paused === true,
      ...(paused === true && typeof suspended === 'string' && { suspended }),
      ...(groups.length > 0 && { pausedGroups: groups }),
      ...(isCount && { slots }),
      ...(counts && { resources: counts }),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return off;
    throw error;
  }
}

function countsFrom(found: unknown): Control['resources'] {
  if (typeof found !== 'object' || found === null) return undefined;
  const isCount = (count: unknown): count is number => Number.isInteger(count) && Number(count) >= 0;
  const counts = Object.entries(found).filter((entry): entry is [string, number] => isCount(entry[1]));
  return counts.length > 0 ? Object.fromEntries(counts) : undefined;
}

/** Sets the switches and keeps them. */
export function writeControl(context: Context, control: Control): void {
  const { picture } = context;
  const before = picture.control;
  picture.control = control;
  // What could not start before a person said RESUME suspends nobody anew.
  if (before.paused && !control.paused) forgetNotStarted(picture);
  if (textFromControl(before) === textFromControl(control)) return;
  // They hold from now on, whatever the disk says.
  untilDone(context, () => keepControl(context));
}

function keepControl({ machine, paths, picture: { control } }: Context): void {
  const { files } = machine;
  const fresh = join(paths.own, 'control.new');
  files.unlink(fresh);
  files.create(fresh, bytesFromUtf8(textFromControl(control)), { sync: true });
  files.rename(fresh, paths.control);
  files.syncDirectory(paths.own);
}

function textFromControl({ paused, suspended, pausedGroups, slots, resources }: Control): string {
  return JSON.stringify({ paused, suspended, pausedGroups, slots, resources }) + '\n';
}
