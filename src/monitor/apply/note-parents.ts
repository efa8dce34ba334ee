// Keeping in `.sjq/parents` whom the names in `after` mean. What is lost of it is found again from what stands in the queues; only
// a person's hand on a file in between could make it another UOW.
import { textFromParents } from '../../format/parents-lines.ts';
import { join } from '../../model/paths.ts';
import type { Context } from '../context.ts';
import { livingParents } from '../survey/parents.ts';
import { untilDone } from './until-done.ts';

/** The file is written anew when it has so many lines more than twice those that counted. */
const surplusLines = 1000;

/** Writes down what was found since the last time, now or at a later poll. */
export function noteParents(context: Context): void {
  const { parents, unfinished } = context.picture;
  if (parents.unkept.length === 0) return;
  // One for all of them, so that what the disk refuses is written in its order.
  const keep = (parents.keep ??= () => writeUnkept(context));
  if (!unfinished.has(keep)) untilDone(context, keep);
}

function writeUnkept(context: Context): void {
  const { machine, paths, config, picture } = context;
  const { parents } = picture;
  const { unkept } = parents;
  const sync = config.durability === 'power';
  const isSurplus = parents.lines + unkept.length > 2 * parents.livingLines + surplusLines;
  if (isSurplus && !picture.isFirstLook) writeAnew(context, sync);
  else if (unkept.length > 0) {
    machine.files.append(paths.parents, textFromParents(unkept), { sync });
    if (sync && parents.lines === 0) machine.files.syncDirectory(paths.own);
    parents.lines += unkept.length;
  }
  unkept.length = 0;
}

function writeAnew(context: Context, sync: boolean): void {
  const { machine, paths, picture } = context;
  const { files } = machine;
  const lines = livingParents(context);
  const fresh = join(paths.own, 'parents.new');
  files.unlink(fresh);
  files.create(fresh, textFromParents(lines), { mode: 0o600, sync });
  files.rename(fresh, paths.parents);
  if (sync) files.syncDirectory(paths.own);
  picture.parents.lines = picture.parents.livingLines = lines.length;
}
