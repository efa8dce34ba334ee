// Posting the status: status.txt, status.json and index.html, each replaced whole, at most once a second and only when something
// changed. A directory that cannot be written is said and disturbs nothing.
import { linksInRoot, linksToCopies, type PageLinks } from '../../format/page-links.ts';
import { jsonFromPosted } from '../../format/status-json.ts';
import { pageFromPosted } from '../../format/status-page.ts';
import { textFromPosted } from '../../format/status-text.ts';
import { type Bytes, bytesFromUtf8, shownFromName } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Posted } from '../../model/posted.ts';
import type { Queue } from '../../model/queue.ts';
import type { UowName } from '../../model/uow.ts';
import { noteDisk } from '../apply/disk.ts';
import type { Context } from '../context.ts';
import { type Copies, createCopies, type Listed } from './copies.ts';
import { loadEnded } from './ended.ts';
import { postedNow } from './posted.ts';
import { replaceFile } from './replace-file.ts';
import { readHolder } from '../root.ts';
import { sayOnce } from './say-once.ts';
import { seenNow } from '../survey/survey.ts';

/** So many waiting UOWs are listed; the others are counted. */
export const listedWaiting = 100;

/** Keeps the posted status true. */
export interface Poster {
  /** Posts soon, at most once a second. */
  postSoon(): void;
  /** Posts anew what could not be posted, and for `heartbeat` when nothing was posted for that long. Gives when that is due next; Infinity if it never is. */
  beat(now: number): number;
  /** Posts a last time, saying that no monitor runs. */
  close(): void;
}

/** The posted status is rewritten at most this often. */
const postEveryMs = 1000;
/** What could not be posted is tried again this much later. */
const tryAgainMs = 15_000;

/** Gives the poster of a root; one that does nothing where the status is off. */
export function createPoster(context: Context): Poster {
  const { clock } = context.machine;
  const { status } = context.paths;
  const writer = status === undefined ? undefined : createWriter(context, status);
  let cancel: (() => void) | undefined;
  let lastAt = -Infinity;
  let isOwed = false;
  if (writer) loadEnded(context);

  function post(isAlive: boolean): void {
    lastAt = clock.now();
    if (!writer || status === undefined) return;
    try {
      writer(isAlive);
      isOwed = false;
    } catch (error) {
      const isDisk = noteDisk(context, error, 'post the status');
      const text = `the status cannot be posted in ${shownFromName(status)}: ${String(error)}: give the monitor’s user a directory there that it can write, or set status.dir`;
      if (!isDisk) sayOnce(context, 'status', { event: 'fault', text });
      // The loop shall ask `beat` when the next try is due, and not only at its poll.
      if (!isOwed) context.wake();
      isOwed = true;
    }
  }

  function dueAt(): number {
    const { heartbeatMs } = context.config;
    const waitMs = Math.min(isOwed ? tryAgainMs : Infinity, heartbeatMs > 0 ? heartbeatMs : Infinity);
    return waitMs === Infinity ? Infinity : lastAt + waitMs;
  }

  return {
    postSoon() {
      const waitMs = Math.min(postEveryMs, Math.max(0, lastAt + postEveryMs - clock.now()));
      cancel ??= clock.after(waitMs, () => {
        cancel = undefined;
        post(true);
      });
    },
    beat(now) {
      // Set back: as long as it lies ahead nothing would be due.
      lastAt = Math.min(lastAt, now);
      if (now >= dueAt()) post(true);
      return dueAt();
    },
    close() {
      cancel?.();
      cancel = () => undefined;
      post(false);
    },
  };
}

/** Gives what writes the files of a status directory. */
function createWriter(context: Context, dir: Bytes): (isAlive: boolean) => void {
  const { files } = context.machine;
  let copies: Copies | undefined;

  function linksOf(posted: Posted, listed: Listed): PageLinks {
    const depth = depthBelow(context, dir);
    if (depth !== undefined) return linksInRoot(depth, posted.queues);
    copies ??= createCopies(context, dir);
    return linksToCopies(copies.make(listed));
  }

  return (isAlive) => {
    const seen = seenNow(context);
    const monitor = readHolder(files, context.paths.root);
    const posted = postedNow(context, seen, { isAlive, waitingLimit: listedWaiting, ...(monitor && { monitor }) });
    context.picture.isNews = false;
    if (files.realPath(dir) === undefined) files.makeDirectory(dir, 0o755);
    const listed = listedIn(posted);
    const links = linksOf(posted, listed);
    const texts = [
      ['status.txt', textFromPosted(posted)],
      ['status.json', jsonFromPosted(posted)],
      ['index.html', pageFromPosted(posted, links)],
    ] as const;
    const ours = copies?.take(texts.map(([name]) => name));
    for (const [name, text] of texts) {
      if (ours?.has(name) !== false) replaceFile(files, join(dir, name), bytesFromUtf8(text));
    }
    copies?.tidy(listed);
  };
}

/** Gives how many directories `dir` lies below the root; undefined if it lies elsewhere, also by a symlink. */
function depthBelow({ machine, paths }: Context, dir: Bytes): number | undefined {
  const root = machine.files.realPath(paths.root) ?? paths.root;
  const real = machine.files.realPath(dir) ?? dir;
  return real.startsWith(`${root}/`) ? real.slice(root.length).split('/').length - 1 : undefined;
}

function listedIn({ running, waiting, ended }: Posted): Listed {
  const listed = new Map<UowName, Queue>();
  for (const { name, queue } of ended) if (queue !== undefined) listed.set(name, queue);
  for (const { name, queue } of waiting) listed.set(name, queue);
  for (const { name } of running) listed.set(name, 'executing');
  return listed;
}
