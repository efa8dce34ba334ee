// A status directory outside the root has copies of the UOWs it lists, so that its links lead somewhere: uow/NAME.txt, the head
// and the end of the log. `.sjq/copies` names the files that the monitor made there; no other one is ever replaced or removed.
import { copyName } from '../../format/page-links.ts';
import { type Bytes, bytesFromUtf8 } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Queue } from '../../model/queue.ts';
import type { UowName } from '../../model/uow.ts';
import { errnoOf } from '../../model/errno.ts';
import type { Files, FileStat } from '../../system/files.ts';
import type { Context } from '../context.ts';
import { readHead } from '../survey/read-uow.ts';
import { replaceFile } from './replace-file.ts';
import { sayOnce } from './say-once.ts';

/** So much of the end of a log is copied. */
const logTailBytes = 64 * 1024;
/** Names of copies are short of 255 bytes, and there are about 200 of them. */
const manifestLimitBytes = 1024 * 1024;

/** What a line of the manifest begins with if it is about a file beside uow/; others are names below it. */
const above = '../';

/** The UOWs that a page lists, and where each stands. */
export type Listed = ReadonlyMap<UowName, Queue>;

/** Keeps the files of one status directory apart from those of others, and its copies true. */
export interface Copies {
  /** Gives those of the names, directly in the directory, that the monitor may write there. @throws Error of the file system */
  take(names: readonly string[]): ReadonlySet<string>;
  /** Makes those that are missing or old. Gives the names that have one. @throws Error of the file system, if the directory cannot be written */
  make(listed: Listed): ReadonlySet<UowName>;
  /** Removes those that are listed no longer. */
  tidy(listed: Listed): void;
}

/** Gives the keeper of the copies below `dir`, the status directory. */
export function createCopies(context: Context, dir: Bytes): Copies {
  const { machine, paths } = context;
  const { files } = machine;
  const folder = join(dir, 'uow');
  const manifest = join(paths.own, 'copies');
  const made = new Set(madeIn(files.read(manifest, 0, manifestLimitBytes) ?? '', dir));
  /** The state of the UOW that each copy was made of. */
  const keys = new Map<string, string>();

  function keep(): void {
    replaceFile(files, manifest, [dir, ...made, ''].join('\n') as Bytes);
  }

  function isOurs(entry: string): boolean {
    const place = placeOf(entry);
    if (made.has(entry) || files.stat(join(dir, place)) === undefined) return true;
    const text = `${place} in the status directory is not the monitor’s: left as it is; move it elsewhere, or set status.dir`;
    sayOnce(context, `copy ${entry}`, { event: 'attention', text });
    return false;
  }

  /** Notes files as the monitor's, before the first of them is there: one that nothing names would stay for ever. */
  function note(entries: readonly string[]): void {
    const before = made.size;
    for (const entry of entries) made.add(entry);
    if (made.size > before) keep();
  }

  function makeOne(name: UowName, queue: Queue): boolean {
    const copy = copyName(name);
    const from = join(paths.queue[queue], name);
    try {
      const stat = files.stat(from);
      if (stat?.kind !== 'file') return false;
      const key = [stat.ino, stat.sizeBytes, stat.mtimeMs].join(' ');
      if (keys.get(copy) === key) return true;
      const text = shortened(files, from, stat);
      if (text === undefined) return false;
      replaceFile(files, join(folder, copy), text);
      keys.set(copy, key);
      return true;
    } catch (error) {
      // Another user's file, which the monitor may move and not read.
      if (errnoOf(error) !== 'EACCES') throw error;
      return false;
    }
  }

  return {
    take(names) {
      const ours = names.filter((name) => isOurs(above + name));
      note(ours.map((name) => above + name));
      return new Set(ours);
    },
    make(listed) {
      files.makeDirectory(folder, 0o755);
      const ours = new Map([...listed].filter(([name]) => isOurs(copyName(name))));
      note([...ours.keys()].map(copyName));
      return new Set([...ours].filter(([name, queue]) => makeOne(name, queue)).map(([name]) => name));
    },
    tidy(listed) {
      const wanted = new Set<string>([...listed.keys()].map(copyName));
      const before = made.size;
      for (const copy of [...made]) {
        if (wanted.has(copy) || copy.startsWith(above)) continue;
        files.unlink(join(folder, copy));
        made.delete(copy);
        keys.delete(copy);
      }
      if (made.size < before) keep();
    },
  };
}

/** Gives the entries of a manifest; none if its first line says that it is about another directory. */
function madeIn(manifest: string, dir: Bytes): readonly string[] {
  const lines = manifest.split('\n').filter((line) => line !== '');
  const [first] = lines;
  if (first?.startsWith('/') !== true) return lines;
  return first === dir ? lines.slice(1) : [];
}

function placeOf(entry: string): string {
  return entry.startsWith(above) ? entry.slice(above.length) : `uow/${entry}`;
}

/** Gives the head of a UOW and the end of its log; all of it if that is no more. */
function shortened(files: Files, path: Bytes, { sizeBytes }: FileStat): Bytes | undefined {
  const head = readHead(files, path, sizeBytes)?.bytes;
  if (head === undefined) return undefined;
  const from = Math.max(head.length, sizeBytes - logTailBytes);
  const tail = files.read(path, from, logTailBytes) ?? '';
  if (from === head.length) return (head + tail) as Bytes;
  const whole = tail.slice(tail.indexOf('\n') + 1);
  const left = bytesFromUtf8(`… ${sizeBytes - head.length - whole.length} bytes of the log are left out here …`);
  return `${head}\n${left}\n\n${whole}` as Bytes;
}
