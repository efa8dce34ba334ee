// sjq say MESSAGE…: a message to the monitor, and its answer.
import { nameFromShown, shownFromName } from '../../model/bytes.ts';
import { exitCodeOf } from '../../model/errors.ts';
import { messageTable } from '../../model/message.ts';
import { answerTo, appendMessage } from '../ask-monitor.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { tell, writeOut } from '../out.ts';

/** Sends the message and prints the answer. Gives the exit code. @throws SjqError `usage` for what is no message */
export async function say(
  root: OpenedRoot,
  words: readonly string[],
  { waits }: { readonly waits: boolean },
): Promise<number> {
  const sent = appendMessage(root, messageFromWords(words));
  if (!waits) return 0;
  const answer = await answerTo(root, sent);
  if (answer.kind === 'unheard') {
    tell('no monitor runs: the message stays in monitor_reads and is acted upon when one starts');
    return exitCodeOf['not-running'];
  }
  await writeOut(answer.texts.map((text) => `${text}\n`).join(''));
  return answer.isRefused ? exitCodeOf.no : 0;
}

/**
 * Gives the message of several arguments: where its form has a NAME, one with blanks or odd bytes is quoted as names are printed.
 * A single argument is the whole message as it stands.
 */
export function messageFromWords(words: readonly string[]): string {
  const given = words.flatMap((word, at) => (at === 0 && words.length > 1 ? word.split(/\s+/) : [word]));
  const row = messageTable
    .filter(({ keyword }) => keyword.split(' ').every((part, at) => part === given[at]))
    .sort((a, b) => b.keyword.length - a.keyword.length)[0];
  const at = row?.form.split(' ').findIndex((part) => /^\[?NAME\]?$/.test(part)) ?? -1;
  const hasName = words.length > 1 && at >= 0;
  return given.map((word, index) => (hasName && index === at ? shownFromName(nameFromShown(word)) : word)).join(' ');
}
