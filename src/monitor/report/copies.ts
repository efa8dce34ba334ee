// A status directory outside the root has copies of the UOWs it lists, so that its links lead somewhere: uow/NAME.txt, the head
// and the end of the log. `.sjq/copies` names those that the monitor made; no other file is ever replaced or removed.
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

/** The UOWs that a page lists, and where each stands. */
export type Listed = ReadonlyMap<UowName, Queue>;

/** Keeps the copies of one status directory. */
export interface Copies {
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
  const made = new Set((files.read(manifest, 0, manifestLimitBytes) ?? '').split('\n').filter((name) => name !== ''));
  /** The state of the UOW that each copy was made of. */
  const keys = new Map<string, string>();

  function keep(): void {
    replaceFile(files, manifest, bytesFromUtf8([...made].map((name) => `${name}\n`).join('')));
  }

  function isOurs(copy: Bytes): boolean {
    if (made.has(copy) || files.stat(join(folder, copy)) === undefined) return true;
    const text = `uow/${copy} in the status directory is not the monitor’s: left as it is; move it elsewhere`;
    sayOnce(context, `copy ${copy}`, { event: 'attention', text });
    return false;
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
    make(listed) {
      files.makeDirectory(folder, 0o755);
      const ours = new Map([...listed].filter(([name]) => isOurs(copyName(name))));
      const before = made.size;
      for (const name of ours.keys()) made.add(copyName(name));
      // Before the first of them is there: one that no list names would stay for ever.
      if (made.size > before) keep();
      return new Set([...ours].filter(([name, queue]) => makeOne(name, queue)).map(([name]) => name));
    },
    tidy(listed) {
      const wanted = new Set<string>([...listed.keys()].map(copyName));
      const before = made.size;
      for (const copy of [...made]) {
        if (wanted.has(copy)) continue;
        files.unlink(join(folder, copy));
        made.delete(copy);
        keys.delete(copy);
      }
      if (made.size < before) keep();
    },
  };
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
