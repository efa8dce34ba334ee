// The text of monitor_reads: which of its lines are messages, and the HOWTO that a new file begins with.
import { type Bytes, bytesFromUtf8 } from '../model/bytes.ts';

/** One line of a message file. `endOffset` is the offset behind its newline. */
export interface InboxLine {
  readonly text: Bytes;
  readonly endOffset: number;
  readonly isMessage: boolean;
}

/**
 * Gives the complete lines of `text`, which begins at `offset` of its file; blank lines and `#` comments are no messages. What
 * stands behind the last newline is left out unless `takeUnfinished`.
 */
export function linesFromMessages(text: Bytes, offset: number, takeUnfinished: boolean): readonly InboxLine[] {
  const lines: InboxLine[] = [];
  let from = 0;
  while (from < text.length) {
    const newline = text.indexOf('\n', from);
    if (newline < 0 && !takeUnfinished) break;
    const to = newline < 0 ? text.length : newline + 1;
    const line = text.slice(from, newline < 0 ? text.length : newline).replace(/\r$/, '') as Bytes;
    lines.push({
      text: line,
      endOffset: offset + to,
      isMessage: line.trim() !== '' && !line.trimStart().startsWith('#'),
    });
    from = to;
  }
  return lines;
}

/** Gives the comment block that a new message file begins with. */
export function howto(keywords: readonly { readonly form: string; readonly meaning: string }[]): Bytes {
  const width = Math.max(...keywords.map(({ form }) => form.length));
  const lines = keywords.map(({ form, meaning }) => `#   ${form.padEnd(width)}  ${meaning}`);
  return bytesFromUtf8(
    [
      '# Append a message here, one a line, for instance: echo STATUS >> monitor_reads',
      '# The answer comes in monitor_says. A message is removed when it was acted upon; comments stay.',
      ...lines,
      '',
    ].join('\n'),
  );
}
