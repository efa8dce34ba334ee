// The messages of one wake: read from the inbox, parsed, and each with the UOW that it names as it stands now.
import { utf8FromBytes } from '../../model/bytes.ts';
import { type Message, messageFromText, type ParsedMessage } from '../../model/message.ts';
import { join, runPaths } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName, isWaitingQueue, queueKinds } from '../../model/queue.ts';
import { errnoOf } from '../../model/errno.ts';
import type { MessageSeen, UowSeen } from '../../model/seen.ts';
import type { Context } from '../context.ts';
import type { Inbox } from './inbox.ts';
import { runOfName } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';

/** So many messages at most in one wake, so that jobs start and end while thousands come. */
const messagesAWake = 256;

/**
 * Gives the messages to act on now, in order. One wake ends before a second message about the same UOW, and behind one that may
 * make a new name or new settings: what comes next is judged by what these have made of the root.
 */
export function nextMessages(context: Context, inbox: Pick<Inbox, 'read'>): readonly MessageSeen[] {
  const named = new Set<string>();
  const messages: MessageSeen[] = [];
  for (const line of inbox.read()) {
    if (messages.length >= messagesAWake) break;
    const parsed = messageFromText(utf8FromBytes(line.text));
    const name = nameIn(parsed.message);
    if (name !== undefined && named.has(name)) break;
    const about = name === undefined ? undefined : uowNamed(context, name);
    if (name !== undefined) named.add(name);
    messages.push({ ...line, ...parsed, ...(about && { about }) });
    if (changesNames(parsed.message)) break;
  }
  return messages;
}

function changesNames(message: ParsedMessage['message']): boolean {
  if (message.kind === 'plain') return message.keyword === 'RELOAD';
  return (
    message.kind === 'submit' ||
    message.kind === 'schedule' ||
    message.kind === 'flow' ||
    (message.kind === 'uow' && message.keyword === 'RETRY')
  );
}

function nameIn(message: ParsedMessage['message']): Extract<Message, { kind: 'uow' }>['name'] | undefined {
  return message.kind === 'uow' || message.kind === 'kill-job' ? message.name : undefined;
}

/** Gives where the UOW of that name stands, looked for in the order of a UOW's life; undefined if there is none. */
function uowNamed(context: Context, name: UowSeen['name']): UowSeen | undefined {
  const { machine, paths, picture } = context;
  const { files } = machine;
  if (!canBeUow(name)) return undefined;
  const run = runOfName(picture, name);
  for (const queue of queueKinds) {
    const isHere = run && !run.destination && queue === 'executing';
    const path = isHere ? runPaths(paths, run.record.id).uow : join(paths.queue[queue], name);
    const stat = orFault(() => files.stat(path));
    if (stat === undefined) continue;
    const ino = typeof stat === 'string' ? 0 : stat.ino;
    const isLive = isWaitingQueue(queue) || queue === 'executing';
    const isKnown = !isLive || isHere || picture.waiting[queue].get(name)?.ino === ino;
    // One that ends in this wake is judged by what it is then; a note would come between its output and what is behind that.
    const isEnding = picture.dropping.has(ino) || run?.destination !== undefined || run?.result !== undefined;
    const place = { name, queue, ino, isTakenIn: isKnown && !isEnding };
    if (typeof stat === 'string') return { ...place, isTakenIn: true, fault: stat };
    const read = stat.kind === 'file' ? orFault(() => readHead(files, path, stat.sizeBytes)) : undefined;
    if (typeof read === 'string') return { ...place, isTakenIn: true, fault: read };
    return { ...place, ...(read?.parsed.kind === 'uow' && { head: read.parsed.head }) };
  }
  return undefined;
}

/** True for the name of a file in a queue at which the monitor looks: never a path. */
function canBeUow(name: string): boolean {
  const isOne = name !== '' && name.length <= 255 && !/[/\0]/.test(name);
  return isOne && !isIgnoredName(name) && !isReadmeName(name);
}

/** A file of another user, or a failing disk, is the answer to one message and must not keep the wake from going on. */
function orFault<T>(look: () => T): T | string {
  try {
    return look();
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    return code === 'EACCES' ? `${code}: make it readable for the monitor’s user` : code;
  }
}
