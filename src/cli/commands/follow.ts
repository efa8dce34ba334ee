// sjq follow NAME: the log so far and what comes, until the UOW has ended; then its job's exit code.
import { type Bytes, shownFromName, textOfName } from '../../model/bytes.ts';
import { createChanges } from '../uow/changes.ts';
import { existingUow } from '../uow/find-uow.ts';
import { createHerald } from '../uow/herald.ts';
import { exitCodeOfJob } from '../uow/job-exit.ts';
import { beginOfLog, copyLog, jsonFromBytes, offsetOfLastLines, unfinishedBytes } from '../uow/log-text.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { tell, writeOut } from '../out.ts';
import { type Look, Pursuit } from '../uow/pursuit.ts';
import type { Ended } from '../uow/uow-state.ts';
import { untilEnded } from '../uow/until-ended.ts';
import { jsonFromEnded, textFromEnded } from '../uow/words.ts';

/** Where what is seen goes to: plain bytes and lines on stderr, or JSON lines. */
interface Telling {
  log(chunk: Buffer): Promise<void>;
  news(news: { readonly event: string; readonly text: string }): void;
  ended(ended: Ended): Promise<void>;
}

/** Follows, and gives the exit code. `lines` leaves out all but the last lines of what is there already. @throws SjqError `no-such-uow` */
export async function follow(
  root: OpenedRoot,
  name: Bytes,
  { lines, json }: { readonly lines?: number; readonly json: boolean },
): Promise<number> {
  existingUow(root.paths, name);
  const pursuit = new Pursuit(root, name);
  const telling = json ? inJson(name) : plainly(name);
  const herald = createHerald(root, name, (news) => telling.news(news));
  const changes = createChanges(root.paths, new Set([name]));
  let position: number | undefined;
  const each = async (look: Look): Promise<void> => {
    if (position === undefined && look.logBytes > 0)
      position = lines === undefined ? beginOfLog(pursuit) : offsetOfLastLines(pursuit, look, lines);
    if (position !== undefined) position = await copyLog(pursuit, look, position, (chunk) => telling.log(chunk));
    await herald.hear(look);
  };
  try {
    const last = await untilEnded(pursuit, changes, each);
    if (!last) return 0;
    await telling.ended(last.ended);
    return exitCodeOfJob(last.ended);
  } finally {
    changes.close();
    pursuit.close();
  }
}

function plainly(name: Bytes): Telling {
  return {
    log: writeOut,
    news: ({ text }) => tell(text),
    async ended(ended) {
      tell(`${shownFromName(name)} ${textFromEnded(ended)}`);
    },
  };
}

function inJson(name: Bytes): Telling {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  const line = (content: object): Promise<void> => {
    const start = isFirst ? { schema: 'sjq.follow/1', name: textOfName(name) } : {};
    isFirst = false;
    return writeOut(`${JSON.stringify({ ...start, ...content })}\n`);
  };
  return {
    async log(chunk) {
      const bytes = Buffer.concat([rest, chunk]);
      const whole = bytes.length - unfinishedBytes(bytes);
      rest = bytes.subarray(whole);
      if (whole > 0) await line({ event: 'log', ...jsonFromBytes(bytes.subarray(0, whole)) });
    },
    news: (news) => void line(news),
    async ended(ended) {
      if (rest.length > 0) await line({ event: 'log', ...jsonFromBytes(rest) });
      await line({ event: 'ended', ...jsonFromEnded(ended) });
    },
  };
}
