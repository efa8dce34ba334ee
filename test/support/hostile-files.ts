// Files that nobody should put into a queue, how each is made, and what becomes of it: a table for
// test/crash/hostile-files.test.ts. docs/operations.md tells people the same.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterwards } from './afterwards.ts';
import { uowText } from './root.ts';

export interface HostileFile {
  /** Makes it at a path that nothing stands at. */
  readonly make: (path: string) => void;
  /** What monitor_says tells of it when it goes to trash; without it the file is left where it is. */
  readonly why?: RegExp;
  /** Only root can make it. */
  readonly needsRoot?: true;
}

/** A file at rest, so that neither settle time nor a look for writers holds it up. */
export function atRest(path: string, content: string | Buffer, mode = 0o644): void {
  writeFileSync(path, content, { mode, encoding: 'latin1' });
  age(path);
}

function age(path: string): void {
  const old = new Date(Date.now() - 120_000);
  utimesSync(path, old, old);
}

function sized(path: string, sizeBytes: number): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, sizeBytes);
  closeSync(fd);
  age(path);
}

function socketAt(path: string): void {
  const server = createServer().listen(path);
  afterwards(() => server.close());
}

function node(kind: 'b' | 'c', major: number, minor: number): (path: string) => void {
  return (path) => void execFileSync('mknod', [path, kind, String(major), String(minor)]);
}

const special = /not a regular file/;
const good = uowText('command :: touch ran-a-hostile-file');
const device = { why: special, needsRoot: true } as const;

export const hostileFiles: Readonly<Record<string, HostileFile>> = {
  fifo: { make: (path) => void execFileSync('mkfifo', [path]), why: special },
  socket: { make: socketAt, why: special },
  'the null device': { make: node('c', 1, 3), ...device },
  'the zero device': { make: node('c', 1, 5), ...device },
  'a tty': { make: node('c', 5, 0), ...device },
  'a block device': { make: node('b', 7, 200), ...device },
  'a link to nowhere': { make: (path) => symlinkSync('nowhere', path), why: /a symbolic link/ },
  'a link to itself': { make: (path) => symlinkSync(path, path), why: /a symbolic link/ },
  'a link to passwd': { make: (path) => symlinkSync('/etc/passwd', path), why: /a symbolic link/ },
  'a link to a directory': { make: (path) => symlinkSync('/tmp', path), why: /a symbolic link/ },
  'a link to a UOW': { make: (path) => symlinkSync('../archive/kept', path), why: /a symbolic link/ },
  'a directory': { make: (path) => mkdirSync(`${path}/in/it`, { recursive: true }) },
  empty: { make: (path) => atRest(path, ''), why: /no ==== UNIT OF WORK title/ },
  'a gigabyte of nothing': { make: (path) => sized(path, 2 ** 30), why: /longer than 64 KiB/ },
  'no newline': { make: (path) => atRest(path, Buffer.alloc(40_000_000, 'x')), why: /longer than 64 KiB/ },
  binary: {
    make: (path) => atRest(path, Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251))),
    why: /NUL byte/,
  },
  'not UTF-8': { make: (path) => atRest(path, `${good}# \xff\xfe\n`), why: /line 4: not UTF-8/ },
  'CR only': { make: (path) => atRest(path, good.replaceAll('\n', '\r')), why: /end the lines with LF, not CR alone/ },
  'two BOMs': { make: (path) => atRest(path, `\xef\xbb\xbf\xef\xbb\xbf${good}`), why: /UNIT OF WORK/ },
  'a head of 64 KiB and a byte': {
    make: (path) => atRest(path, `${good}#${'x'.repeat(64 * 1024 - good.length - 1)}\n`),
    why: /longer than 64 KiB/,
  },
  '100,000 lines': { make: (path) => atRest(path, good + 'x :: 1\n'.repeat(100_000)), why: /longer than 64 KiB/ },
  'lines that are none': { make: (path) => atRest(path, good + 'x\n'.repeat(30_000)), why: /and there is more/ },
  'two STATUS titles': {
    make: (path) => atRest(path, `${good}\n==== STATUS\n\nwaiting #0 x\n\n==== STATUS\n\ndone\n`),
    why: /STATUS/,
  },
  'a log first': { make: (path) => atRest(path, `==== JOB LOG\n\n${good}`), why: /no ==== UNIT OF WORK title/ },
};

/** Names that a file may have and a person would not give it; none of them is passed over. */
export const hostileNames: readonly string[] = [
  'new\nline',
  '-rf',
  '--',
  '\x1b]0;title\x07',
  '\x1b[2J',
  '*',
  '"quoted" \'name\'',
  '  ',
  '$(touch pwned)',
  'x'.repeat(255),
  '\xff\xfe',
  '\x7f\x01',
  'name~2',
  'r\rn',
  '\xe2\x80\xae',
];

/** True if `chattr +i` works for a file; undone after the test. */
export function madeImmutable(path: string): boolean {
  const chattr = (flag: string): boolean => spawnSync('chattr', [flag, path], { stdio: 'ignore' }).status === 0;
  if (!chattr('+i')) return false;
  afterwards(() => chattr('-i'));
  return true;
}

/** Takes that back. */
export function mutableAgain(path: string): void {
  execFileSync('chattr', ['-i', path]);
}
