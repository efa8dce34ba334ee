// Which mount of its file system a directory lies on: told from an earlier and a later mount of the same one, although the machine
// was not restarted in between. What had not been synced may be lost with a mount as it is with a boot.
import fs from 'node:fs';
import { basename } from 'node:path';
import { errnoOf } from '../model/errno.ts';
import { type Bytes, bufferFromBytes } from '../model/bytes.ts';

/**
 * Gives a word for the mount of the file system that `path` lies on; empty where the kernel tells of none (tmpfs, ZFS, no /sys). It is the inode
 * of the directory that the kernel shows under /sys/fs for each file system as long as that is mounted anywhere: the numbers are not
 * given twice in one boot, a remount keeps it, and bind mounts and other namespaces have the same. (The mount id of /proc/self/mountinfo
 * is given again at once, and is another one in every namespace.)
 *
 * @see docs/decisions/0050-another-mount-is-another-boot.md
 */
export function mountIdOf(path: Bytes): string {
  try {
    const { dev } = fs.statSync(bufferFromBytes(path), { bigint: true });
    const { ino, place } = placeOf(deviceName(dev)) ?? placeOnBtrfs(path) ?? {};
    return place === undefined ? '' : `${place} ${ino}`;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}

interface Place {
  readonly place: string;
  readonly ino: number;
}

/** Gives the name of a block device, `sda1`; undefined for what is none. */
function deviceName(dev: bigint): string | undefined {
  // makedev(3) of Linux
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  const link = unlessMissing(() => fs.readlinkSync(`/sys/dev/block/${major}:${minor}`));
  return link === undefined ? undefined : basename(link);
}

/** ext4, XFS and others have a directory named as the device. */
function placeOf(device: string | undefined): Place | undefined {
  if (device === undefined) return undefined;
  for (const kind of fs.readdirSync('/sys/fs')) {
    const ino = unlessMissing(() => fs.statSync(`/sys/fs/${kind}/${device}`).ino);
    if (ino !== undefined) return { place: `${kind}/${device}`, ino };
  }
  return undefined;
}

/** Btrfs shows no device as that of a file, and has a directory named by its UUID, in which its devices are listed. */
function placeOnBtrfs(path: Bytes): Place | undefined {
  const real = fs.realpathSync.native(bufferFromBytes(path), { encoding: 'latin1' });
  const source = sourceOf(real);
  if (source === undefined) return undefined;
  const device = basename(unlessMissing(() => fs.realpathSync.native(source)) ?? source);
  for (const uuid of unlessMissing(() => fs.readdirSync('/sys/fs/btrfs')) ?? []) {
    const at = `/sys/fs/btrfs/${uuid}`;
    if (unlessMissing(() => fs.lstatSync(`${at}/devices/${device}`)) === undefined) continue;
    return { place: `btrfs/${uuid}`, ino: fs.statSync(at).ino };
  }
  return undefined;
}

/** Gives the device that is mounted where the path lies, if it has btrfs. @see proc_pid_mountinfo(5) */
function sourceOf(path: string): string | undefined {
  let found: { readonly at: string; readonly kind: string; readonly source: string } | undefined;
  for (const line of fs.readFileSync('/proc/self/mountinfo', 'latin1').split('\n')) {
    const [own = '', theirs = ''] = line.split(' - ');
    const at = unescaped(own.split(' ')[4] ?? '');
    const [kind = '', source = ''] = theirs.split(' ');
    const isAbove = at !== '' && (path === at || path.startsWith(at.endsWith('/') ? at : `${at}/`));
    // Of two at one place the later one covers the earlier.
    if (isAbove && at.length >= (found?.at.length ?? 0)) found = { at, kind, source: unescaped(source) };
  }
  return found?.kind === 'btrfs' ? found.source : undefined;
}

/** Blanks and their like stand there as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

function unlessMissing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) throw error;
    return undefined;
  }
}
