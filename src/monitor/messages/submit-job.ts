// SUBMIT: a UOW of a job type, dropped by a message. Its name and stamp are noted before it is made, so that a crash in between
// makes no second one.
import type { Deed, Done } from '../../model/action.ts';
import { type Bytes, bytesFromUtf8, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { join } from '../../model/paths.ts';
import { hint } from '../survey/picture.ts';
import { queueKinds } from '../../model/queue.ts';
import type { MessageLine } from '../../model/seen.ts';
import { nextStamp, type Stamp, stampFromText, textFromStamp } from '../../model/stamp.ts';
import type { Context } from '../context.ts';
import { freeName } from '../apply/names.ts';
import { readHead } from '../survey/read-uow.ts';
import { submit, textFromFields } from '../submit.ts';

/** Drops the UOW into wait-q. `resolve` notes what it will be. */
export function submitJob(
  context: Context,
  { jobType, fields }: Extract<Deed, { kind: 'submit' }>,
  { resolvedTo }: MessageLine,
  resolve: (to: string) => void,
): Done {
  const { machine, paths, picture, config } = context;
  const begun = resolvedTo === undefined ? undefined : begunFromText(resolvedTo);
  const isThere = begun !== undefined && stands(context, begun.name, begun.stamp);
  const stamp = begun?.stamp ?? (picture.lastStamp = nextStamp(machine.clock.nowMicros(), picture.lastStamp));
  const wanted = begun?.name ?? freeName(context, bytesFromUtf8(jobType.replace(/@.*/s, '').replaceAll('/', '_')));
  if (!begun) resolve(`${textFromStamp(stamp)}:${encodeURIComponent(shownFromName(wanted))}`);
  if (isThere) return { text: `submitted as ${shownFromName(wanted)}` };
  try {
    const text = textFromFields([['job', jobType], ...fields]);
    const name = submit(machine, paths, { name: wanted, text, queue: 'wait', durability: config.durability, stamp });
    hint(picture, 'wait', name);
    return { text: `submitted as ${shownFromName(name)}` };
  } catch (error) {
    if (error instanceof SjqError) return { refused: `is no valid UOW: ${error.message.replaceAll('\n', '; ')}` };
    throw error;
  }
}

function begunFromText(text: string): { readonly name: Bytes; readonly stamp: Stamp } | undefined {
  const [stampText = '', nameText = ''] = text.split(':');
  const stamp = stampFromText(stampText);
  return stamp && { stamp, name: nameFromShown(decodeURIComponent(nameText)) };
}

function stands({ machine, paths }: Context, name: Bytes, stamp: Stamp): boolean {
  return queueKinds.some((queue) => {
    const path = join(paths.queue[queue], name);
    const stat = machine.files.stat(path);
    const parsed = stat?.kind === 'file' ? readHead(machine.files, path, stat.sizeBytes)?.parsed : undefined;
    const found = parsed?.kind === 'uow' ? parsed.head.stamp : undefined;
    return found?.seconds === stamp.seconds && found.ordinal === stamp.ordinal;
  });
}
