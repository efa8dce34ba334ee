// Telling the monitor something: a line appended to monitor_reads, and its answer in monitor_says.
import { userInfo } from 'node:os';
import { answerFromLine } from '../format/notice-line.ts';
import { type Bytes, bytesFromUtf8, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import { SjqError } from '../model/errors.ts';
import { realFiles } from '../system/files.ts';
import { isRootLocked } from '../system/lock.ts';
import type { OpenedRoot } from './opened-root.ts';

/** What came of a message. `unheard`: no monitor runs. */
export type Answer =
  | { readonly kind: 'answered'; readonly texts: readonly string[]; readonly isRefused: boolean }
  | { readonly kind: 'unheard' };

const aliveEveryMs = 2000;
const longestPauseMs = 100;
/** A monitor answers at its next poll at the latest; this much longer a busy machine may take. */
const patienceMs = 20_000;
const quotedLimit = 200;

/** Gives the message with `by=` and the user behind it, unless it says already by whom it is. @throws SjqError `usage` */
export function signedMessage(message: string): { readonly line: string; readonly unsigned: string } {
  const text = message.trim();
  if (/[\r\n\0]/.test(text)) throw new SjqError('usage', 'a message is one line: send several one by one');
  if (text === '' || text.startsWith('#'))
    throw new SjqError(
      'usage',
      `${text === '' ? 'nothing' : 'a comment'} is no message: sjq say --help lists what can be said`,
    );
  const [, unsigned] = /^(.*\S)\s+by=[^\s"]+$/.exec(text) ?? [];
  if (unsigned !== undefined) return { line: text, unsigned };
  return { line: `${text} by=${userInfo().username.replace(/[\s"]/g, '_')}`, unsigned: text };
}

/** Appends the message with one write. Gives what {@link answerTo} needs. @throws errno errors */
export function appendMessage({ paths }: OpenedRoot, message: string): Sent {
  const { line, unsigned } = signedMessage(message);
  const says = realFiles.realPath(paths.messagesOut) ?? paths.messagesOut;
  const sizeBytes = realFiles.stat(says)?.sizeBytes ?? 0;
  const reads = realFiles.realPath(paths.messagesIn) ?? paths.messagesIn;
  // Behind a last line that nobody has ended ours would be a part of it.
  const readsBytes = realFiles.stat(reads)?.sizeBytes ?? 0;
  const isBegun = readsBytes > 0 && realFiles.read(reads, readsBytes - 1, 1) !== '\n';
  realFiles.append(reads, bytesFromUtf8(`${isBegun ? '\n' : ''}${line}\n`), { sync: false });
  return { to: [unsigned, line].map((text) => text.slice(0, quotedLimit)), says, sizeBytes };
}

/** A message that was appended: what its answers quote, and where they will come. */
export interface Sent {
  readonly to: readonly string[];
  readonly says: Bytes;
  readonly sizeBytes: number;
}

/**
 * Waits for the answer, all lines of it.
 *
 * @throws SjqError `timed-out` if a monitor runs and does not answer
 */
export async function answerTo(root: OpenedRoot, { to, says, sizeBytes }: Sent): Promise<Answer> {
  const startedAt = performance.now();
  let from = sizeBytes;
  let aliveAt = -Infinity;
  let pauseMs = 10;
  let before = '';
  for (;;) {
    const size = realFiles.stat(says)?.sizeBytes ?? 0;
    if (size < from) from = 0;
    const text = realFiles.read(says, from, size - from) ?? '';
    const answers = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .map((line) => answerFromLine(utf8FromBytes(line), to))
      .filter((answer) => answer !== undefined);
    // The answers to one message come in one write, but that may be seen in part: once more until it is at rest.
    if (answers.length > 0 && text === before && text.endsWith('\n'))
      return {
        kind: 'answered',
        texts: answers.map((answer) => answer.text),
        isRefused: answers.some(({ event }) => event === 'refused'),
      };
    before = text;
    const now = performance.now();
    if (answers.length === 0 && now - aliveAt > aliveEveryMs) {
      aliveAt = now;
      // It may have answered and ended since the look.
      if (!(await isRootLocked(root.root)) && (realFiles.stat(says)?.sizeBytes ?? 0) === size)
        return { kind: 'unheard' };
    }
    if (now - startedAt > root.config.sleepMs + patienceMs) {
      const shown = shownFromName(root.root);
      throw new SjqError('timed-out', `the monitor of ${shown} does not answer; the message stays in monitor_reads`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = answers.length > 0 ? 10 : Math.min(longestPauseMs, pauseMs * 1.5);
  }
}
