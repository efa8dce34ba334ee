// UOWs as the monitor leaves them, written straight into a queue of a root that no monitor serves yet: for rows about what stands
// there by the hundred thousand, which it would take many minutes to bring about otherwise.
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes so many UOWs into a root's queue, `${prefix}0` and on, each with a stamp of its own. */
export function store(root: string, queue: 'wait-q' | 'done-q', prefix: string, count: number): void {
  const status = queue === 'wait-q' ? 'waiting #0 2026-11-22T04:31:06Z' : 'done exit=0 #1 2026-11-22T04:31:06Z 0.0s';
  const rest = [
    ...['', '==== UNIT OF WORK', '', 'command :: /bin/true', ''],
    ...['==== STATUS', '', status.padEnd(63), '', '==== JOB LOG', '', ''],
  ].join('\n');
  for (let at = 0; at < count; at++) {
    const stamp = `${1_795_329_066 + Math.floor(at / 1_000_000)}-${at % 1_000_000}`;
    const path = join(root, queue, `${prefix}${at}`);
    writeFileSync(path, `timestamp: ${stamp} enqueued\n${rest}`);
    // Taken in long ago: one of the last minute may still be written by somebody.
    if (queue === 'wait-q') utimesSync(path, 1e9, 1e9);
  }
}
