// `.sjq/control`: the switches that outlive a restart (PAUSE, SLOTS). JSON, replaced whole by rename.
import { bytesFromUtf8, utf8FromBytes } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Control } from '../../model/seen.ts';
import type { Context } from '../context.ts';
import { untilDone } from './until-done.ts';

const limitBytes = 4096;

/** Gives the switches as they were left; all off if there are none. FINISH does not outlive a restart. */
export function readControl({ machine, paths }: Pick<Context, 'machine' | 'paths'>): Control {
  const text = machine.files.read(paths.control, 0, limitBytes);
  const off: Control = { paused: false, finishing: false };
  if (text === undefined) return off;
  try {
    const found = JSON.parse(utf8FromBytes(text)) as { paused?: unknown; slots?: unknown } | null;
    const { paused, slots } = found ?? {};
    const isCount = typeof slots === 'number' && Number.isInteger(slots) && slots >= 1;
    return { ...off, paused: paused === true, ...(isCount && { slots }) };
  } catch (error) {
    if (error instanceof SyntaxError) return off;
    throw error;
  }
}

/** Sets the switches and keeps them. */
export function writeControl(context: Context, control: Control): void {
  const { picture } = context;
  const before = picture.control;
  picture.control = control;
  if (before.paused === control.paused && before.slots === control.slots) return;
  // They hold from now on, whatever the disk says.
  untilDone(context, () => keepControl(context));
}

function keepControl({ machine, paths, picture: { control } }: Context): void {
  const { files } = machine;
  const fresh = join(paths.own, 'control.new');
  files.unlink(fresh);
  files.create(fresh, bytesFromUtf8(JSON.stringify({ paused: control.paused, slots: control.slots }) + '\n'), {
    sync: true,
  });
  files.rename(fresh, paths.control);
  files.syncDirectory(paths.own);
}
