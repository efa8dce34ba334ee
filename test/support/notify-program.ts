// A program in the place of systemd-notify that writes down what it was asked to say: Node can receive no unix datagrams
// either. What the real one does is shown under a real systemd (test/systemd/booted.test.ts).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from './scratch.ts';

export interface NotifyProgram {
  /** To stand first in PATH. */
  readonly bin: string;
  /** What was said, a line each: the socket, then the words. */
  readonly said: () => readonly string[];
}

/** Puts the program into a folder of its own; `script` is what else it does, in sh. */
export function notifyProgram(script = ''): NotifyProgram {
  const folder = scratchFolder();
  const bin = join(folder, 'bin');
  const log = join(folder, 'said');
  mkdirSync(bin);
  writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${log}\n${script}\n`, {
    mode: 0o755,
  });
  return {
    bin,
    said: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []),
  };
}
