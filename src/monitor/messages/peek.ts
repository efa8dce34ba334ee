// A look at the messages that wait, for whoever wants to know what they would do: takes none, and changes nothing on disk.
import { linesFromMessages } from '../../format/message-lines.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { MessageLine } from '../../model/seen.ts';
import type { Context } from '../context.ts';
import { foundDrawers } from './drawer.ts';
import type { Inbox } from './inbox.ts';

/** More messages than that nobody wants to see. */
const readBytes = 1024 * 1024;

/** Gives an inbox of what is not acted upon yet, as far as the notes of the monitor tell. */
export function peekInbox({ machine, paths }: Pick<Context, 'machine' | 'paths'>): Pick<Inbox, 'read'> {
  const { files, clock } = machine;
  const linesOf = (file: Bytes, from: number): readonly MessageLine[] =>
    linesFromMessages(files.read(file, from, readBytes) ?? ('' as Bytes), from, true)
      .filter(({ isMessage }) => isMessage)
      .map(({ text, endOffset }) => ({ text, file, endOffset, isAnswered: false }));
  return {
    read() {
      const messageFile = files.realPath(paths.messagesIn) ?? paths.messagesIn;
      const { drawers } = foundDrawers(files, paths.inbox, messageFile, clock.now());
      return [
        ...drawers.flatMap(({ path, actedUpTo }) => linesOf(path, actedUpTo)),
        ...(files.stat(messageFile)?.kind === 'file' ? linesOf(messageFile, 0) : []),
      ];
    },
  };
}
