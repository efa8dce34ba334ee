// Dropping a UOW or a flow so that it is acknowledged: written beside its name, synced, linked in, its directory synced; only then is the
// name given back. Works while no monitor runs.
import { flowBody } from '../format/flow-parse.ts';
import { submittedFlow } from '../format/flow-template.ts';
import { type TemplateText, wholeFlow } from '../format/flow-use.ts';
import { stampedUow } from '../format/uow-edit.ts';
import { parseUow } from '../format/uow-parse.ts';
import { isArray } from '../model/array.ts';
import { type Bytes, bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import { errnoOf, errorFromErrno } from '../model/errno.ts';
import { SjqError, textFromProblem } from '../model/errors.ts';
import { join, type RootPaths } from '../model/paths.ts';
import { isIgnoredName, isReadmeName, type WaitingQueue } from '../model/queue.ts';
import { nextStamp, type Stamp } from '../model/stamp.ts';
import type { Files } from '../system/files.ts';
import type { Host } from '../system/host.ts';
import type { Machine } from './machine.ts';
import { templateTexts } from './survey/templates.ts';
import { freeFlowName, freeName, isNameTaken, type Places, suffixed } from './apply/names.ts';

export interface Submission {
  readonly name: Bytes;
  /** The text of the UOW or flow as a person would write it. */
  readonly text: Bytes;
  readonly queue: WaitingQueue;
  readonly durability: 'power' | 'process';
  /** By which the submitter knows it again; one of now, if not given. */
  readonly stamp?: Stamp;
}

/** What submitting needs of a machine. */
export type SubmitMachine = Pick<Machine, 'files' | 'clock'> & { readonly host: Pick<Host, 'pid'> };

/** A UOW that was written, whole and stamped, under a hidden name in its queue's directory. */
export interface Written {
  readonly beside: Bytes;
  readonly dir: Bytes;
  readonly name: Bytes;
  /** Of a flow: the names of its UOWs within it. */
  readonly members?: readonly Bytes[];
}

/** A UOW that has its name in its queue, and no other. It is not acknowledged before the directory is synced. */
export interface Entered {
  readonly name: Bytes;
  readonly path: Bytes;
  readonly ino: number | undefined;
}

/**
 * Puts a UOW into its queue; gives the name it has there, which is final.
 *
 * @throws SjqError `bad-uow` with every problem and its line, `usage` for a name that no UOW can have
 */
export function submit(machine: SubmitMachine, paths: RootPaths, submission: Submission): Bytes {
  const { files } = machine;
  const sync = submission.durability === 'power';
  const written = writeBeside(machine, paths, submission, { sync });
  try {
    const entered = enter({ machine, paths }, written);
    try {
      if (sync) files.syncDirectory(written.dir);
    } catch (error) {
      if (isTakenBack(files, written, entered)) throw error;
    }
    return entered.name;
  } finally {
    files.unlink(written.beside);
  }
}

/** Writes a UOW under a hidden name. @throws SjqError as {@link submit} */
export function writeBeside(
  { files, clock, host }: SubmitMachine,
  paths: RootPaths,
  { name, text, queue, stamp = nextStamp(clock.nowMicros(), undefined) }: Submission,
  { sync }: { readonly sync: boolean },
): Written {
  checkName(name);
  const { content, members } = wholeContent({ name, text, stamp, now: clock.now() }, templateTexts(files, paths));
  const dir = paths.queue[queue];
  const beside = join(dir, `.sjq-submit-${host.pid}-${stamp.seconds}-${stamp.ordinal}`);
  try {
    files.create(beside, content, { mode: 0o644, sync });
  } catch (error) {
    throw errorFromErrno(errnoOf(error), `cannot write to ${shownFromName(dir)}`, error) ?? error;
  }
  return { beside, dir, name, ...(members && { members }) };
}

/** Gives what is written, which says of itself that it is whole. A flow gets the rest when it is taken in. */
function wholeContent(
  { name, text, stamp, now }: Required<Pick<Submission, 'name' | 'text' | 'stamp'>> & { readonly now: number },
  templateText: TemplateText,
): { readonly content: Bytes; readonly members?: readonly Bytes[] } {
  const parsed = parseUow(text);
  const status = { word: 'waiting', flags: [], attempt: 0, at: now } as const;
  if (parsed.kind === 'uow' && !isArray(parsed.head.header))
    return { content: sized((event) => stampedUow(text, parsed.head, { stamp, event, status })) };
  const read = wholeFlow(text, templateText, name);
  if (read.kind === 'flow')
    return {
      // What it uses is written out when it is taken in.
      content: submittedFlow(flowBody(text), stamp),
      members: [...read.flow.parts, ...read.flow.uows].map((each) => each.name),
    };
  const problems = read.kind === 'invalid' ? read.problems : parsed.kind === 'invalid' ? parsed.problems : [];
  throw new SjqError(
    'bad-uow',
    problems.map((problem) => `${shownFromName(name)}: ${textFromProblem(problem)}`).join('\n'),
  );
}

/**
 * Gives a written UOW a free name in its queue and takes its hidden one. Replaces nothing. `guess` is a suffix that is thought to be
 * free; without one the first free name is looked for.
 */
export function enter(places: Places, { beside, dir, name, members }: Written, guess?: number): Entered {
  const { files } = places.machine;
  for (let suffix = guess; ; suffix = undefined) {
    // A guess is not looked at before the link: the look behind it tells as well.
    const free = (): Bytes => (members ? freeFlowName(places, name, members) : freeName(places, name));
    const taken = suffix === undefined ? free() : suffixed(name, suffix);
    const path = join(dir, taken);
    // Somebody took it in this instant: look again.
    if (files.link(beside, path) !== 'ok') continue;
    // Another of this name may have passed by between the look and the link, and stand in a later queue now. No monitor
    // starts one that has two names, so whoever is asked first here keeps it, and one more look settles it.
    const ino = files.stat(beside)?.ino;
    if (isNameTaken(places, taken, ino) && isOurs(files, path, ino)) {
      files.unlink(path);
      continue;
    }
    files.unlink(beside);
    return { name: taken, path, ino };
  }
}

/**
 * Takes one that entered, and whose directory could not be synced, out again: it is not acknowledged, so it must not be run either.
 * Its second name first, because no monitor starts one that has two. False if a monitor was faster: then it is that monitor's,
 * which makes it durable.
 */
export function isTakenBack(files: Files, { beside }: Written, { path, ino }: Entered): boolean {
  if (files.link(path, beside) !== 'ok' || !isOurs(files, path, ino)) return false;
  files.unlink(path);
  return true;
}

function isOurs(files: Files, path: Bytes, ino: number | undefined): boolean {
  return ino !== undefined && files.stat(path)?.ino === ino;
}

function checkName(name: Bytes): void {
  const shown = shownFromName(name);
  if (name === '' || name.includes('/') || name.includes('\0'))
    throw new SjqError('usage', `${shown} cannot be the name of a UOW: a file name without / is needed`);
  if (isIgnoredName(name) || isReadmeName(name))
    throw new SjqError('usage', `${shown} is a name that the monitor does not look at: use another`);
  if (name.length > 250) throw new SjqError('usage', `the name ${shown} is too long: at most 250 bytes`);
}

/** Gives the content whose first line tells its own size: that is how the monitor knows at once that it is whole. */
function sized(contentOf: (event: string) => Bytes): Bytes {
  let content = contentOf('submitted size=0');
  for (let tries = 0; tries < 8; tries++) {
    const next = contentOf(`submitted size=${content.length}`);
    if (next.length === content.length && next.includes(`size=${next.length}`)) return next;
    content = next;
  }
  return content;
}

/** Gives a UOW's text from fields, in the order given. */
export function textFromFields(fields: readonly (readonly [string, string])[]): Bytes {
  const lines = fields.map(([name, content]) => `${name} :: ${content}`);
  return bytesFromUtf8(['==== UNIT OF WORK', '', ...lines, ''].join('\n'));
}
