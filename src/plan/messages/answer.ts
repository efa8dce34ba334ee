// What a message comes to: actions, and the switches as they stand after it.
import type { Action } from '../../model/action.ts';
import { utf8FromBytes } from '../../model/bytes.ts';
import type { NoticeEvent } from '../../model/notice.ts';
import type { Control, MessageSeen } from '../../model/seen.ts';

export interface Answer {
  readonly actions: readonly Action[];
  readonly control?: Control;
  /** It cannot be said yet: the message, and all behind it, wait for that time. */
  readonly waitUntil?: number;
}

/** Gives the line of monitor_says that answers a message. */
export function sayTo(
  message: MessageSeen,
  text: string,
  event: NoticeEvent = 'answer',
): Extract<Action, { kind: 'say' }> {
  const fields = { to: shownMessage(message), by: message.by };
  return { kind: 'say', notice: { event, fields, text } };
}

/** Gives the answer that a message is not acted on, and why. */
export function refuse(message: MessageSeen, why: string): Answer {
  return { actions: [sayTo(message, why, 'refused')] };
}

/** Gives the message as its answer names it: a very long line is cut. */
export function shownMessage({ text }: Pick<MessageSeen, 'text'>): string {
  return utf8FromBytes(text).trim().slice(0, 200);
}
