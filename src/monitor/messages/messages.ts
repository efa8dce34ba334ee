// The messages of one wake: read from the inbox, parsed, and each with the UOW that it names as it stands now.
import { utf8FromBytes } from '../../model/bytes.ts';
import { type Message, messageFromText, type ParsedMessage } from '../../model/message.ts';
import { join, runPaths } from '../../model/paths.ts';
import { isWaitingQueue, queueKinds } from '../../model/queue.ts';
import type { MessageSeen, UowSeen } from '../../model/seen.ts';
import type { Context } from '../context.ts';
import type { Inbox } from './inbox.ts';
import { runOfName } from '../survey/picture.ts';
import { readHead } from '../survey/read-uow.ts';

/** So many messages at most in one wake, so that jobs start and end while thousands come. */
const messagesAWake = 256;

/**
 * Gives the messages to act on now, in order. One wake ends before a second message about the same UOW, and behind a RELOAD:
 * what comes next is judged by what these have made of the root.
 */
export function nextMessages(context: Context, inbox: Inbox): readonly MessageSeen[] {
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
    if (parsed.message.kind === 'plain' && parsed.message.keyword === 'RELOAD') break;
  }
  return messages;
}

function nameIn(message: ParsedMessage['message']): Extract<Message, { kind: 'uow' }>['name'] | undefined {
  return message.kind === 'uow' || message.kind === 'kill-job' ? message.name : undefined;
}

/** Gives where the UOW of that name stands, looked for in the order of a UOW's life; undefined if there is none. */
function uowNamed(context: Context, name: UowSeen['name']): UowSeen | undefined {
  const { machine, paths, picture } = context;
  const { files } = machine;
  // A name is one of a file in a queue, never a path.
  if (name.includes('/') || name.includes('\0') || name === '' || name === '.' || name === '..') return undefined;
  const run = runOfName(picture, name);
  for (const queue of queueKinds) {
    const isHere = run && !run.destination && queue === 'executing';
    const path = isHere ? runPaths(paths, run.record.id).uow : join(paths.queue[queue], name);
    const stat = files.stat(path);
    if (!stat) continue;
    const parsed = stat.kind === 'file' ? readHead(files, path, stat.sizeBytes)?.parsed : undefined;
    const isLive = isWaitingQueue(queue) || queue === 'executing';
    const isKnown = !isLive || isHere || picture.waiting[queue].get(name)?.ino === stat.ino;
    return {
      ...{ name, queue, ino: stat.ino, isTakenIn: isKnown && !picture.dropping.has(stat.ino) && !run?.destination },
      ...(parsed?.kind === 'uow' && { head: parsed.head }),
    };
  }
  return undefined;
}
