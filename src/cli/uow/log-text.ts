// The log of a UOW as commands print it: where its text begins, where its last lines do, and its bytes in JSON.
import type { Look, Pursuit } from './pursuit.ts';

/** Gives where the text of the log begins, from behind its title: the empty line there is no part of what was printed. */
export function beginOfLog(pursuit: Pursuit): number {
  const start = pursuit.readLog(0, 2).toString('latin1');
  return start.startsWith('\r\n') ? 2 : start.startsWith('\n') ? 1 : 0;
}

const chunkBytes = 1024 * 1024;

/** Hands the log on from `from` to the end that the look saw. Gives where it got to. */
export async function copyLog(
  pursuit: Pursuit,
  { logBytes }: Look,
  from: number,
  write: (chunk: Buffer) => Promise<void>,
): Promise<number> {
  // Somebody cut it off: what comes next is new.
  let position = Math.min(from, logBytes);
  while (position < logBytes) {
    const chunk = pursuit.readLog(position, Math.min(chunkBytes, logBytes - position));
    if (chunk.length === 0) break;
    await write(chunk);
    position += chunk.length;
  }
  return position;
}

/** Gives where the last `lines` lines of the log begin; an unfinished last one counts. Reads from the end. */
export function offsetOfLastLines(pursuit: Pursuit, { logBytes }: Look, lines: number): number {
  const begin = beginOfLog(pursuit);
  let missing = lines;
  if (missing <= 0) return logBytes;
  // The newline that ends the last line begins no other.
  let end = logBytes - 1;
  while (end > begin) {
    const from = Math.max(begin, end - chunkBytes);
    const chunk = pursuit.readLog(from, end - from);
    for (let at = chunk.lastIndexOf(10); at >= 0; at = at > 0 ? chunk.lastIndexOf(10, at - 1) : -1) {
      missing -= 1;
      if (missing === 0) return from + at + 1;
    }
    end = from;
  }
  return Math.min(begin, logBytes);
}

/** Gives bytes as JSON has them: `text`, and where that cannot hold them, because they are not UTF-8, `base64` too. */
export function jsonFromBytes(bytes: Buffer): { readonly text: string; readonly base64?: string } {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? { text } : { text, base64: bytes.toString('base64') };
}

/** Gives how many bytes at the end of `bytes` are a character that has only begun. */
export function unfinishedBytes(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > length ? length : 0;
  }
  return 0;
}
