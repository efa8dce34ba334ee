// sjq log NAME: the log's bytes as they are.
import { type Bytes, textOfName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { existingUow } from '../uow/find-uow.ts';
import { beginOfLog, copyLog, jsonFromBytes, offsetOfLastLines } from '../uow/log-text.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { writeOut } from '../out.ts';
import { Pursuit } from '../uow/pursuit.ts';

/** What fits into one string, with its base64. */
const jsonLimitBytes = 128 * 1024 * 1024;

/** Prints the log, or its last lines. @throws SjqError `no-such-uow` */
export async function log(
  root: OpenedRoot,
  name: Bytes,
  { lines, json }: { readonly lines?: number; readonly json: boolean },
): Promise<void> {
  existingUow(root.paths, name);
  const pursuit = new Pursuit(root, name);
  try {
    const look = pursuit.look();
    const from = lines === undefined ? beginOfLog(pursuit) : offsetOfLastLines(pursuit, look, lines);
    if (!json) {
      await copyLog(pursuit, look, from, writeOut);
      return;
    }
    const bytes = Math.max(0, look.logBytes - from);
    if (bytes > jsonLimitBytes)
      throw new SjqError(
        'usage',
        `the log has ${bytes} bytes, too many for one document: add -n LINES, or leave out --json`,
      );
    const content = jsonFromBytes(pursuit.readLog(from, bytes));
    const document = { schema: 'sjq.log/1', name: textOfName(name), state: look.state.kind, bytes, ...content };
    await writeOut(`${JSON.stringify(document, null, 2)}\n`);
  } finally {
    pursuit.close();
  }
}

/** Gives the number of `-n LINES`. @throws SjqError `usage` */
export function linesFromOption(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new SjqError('usage', `-n ${text}: write a number of lines, such as -n 20`);
  return Number(text);
}
