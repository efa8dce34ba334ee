// Whether our own queue did what a figure says of it: each UOW ran once, and all stand in done-q.
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expectEqual } from './jobs.ts';

/** Gives the names of all attempts that history.jsonl tells of. */
export function attemptsIn(dir: string): readonly string[] {
  const path = join(dir, 'history.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const entries = lines.map((line) => JSON.parse(line) as { readonly kind: string; readonly name: string });
  return entries.filter(({ kind }) => kind === 'attempt').map(({ name }) => name);
}

/**
 * Looks into the queues, each file and the history.
 * @throws Error unless all of so many UOWs ran once and ended well.
 */
export function expectAllDone(dir: string, count: number, namesIn: (queue: string) => readonly string[]): void {
  const done = namesIn('done-q');
  expectEqual('sjq', done.length, count, 'in done-q are');
  for (const queue of ['wait-q', 'priority-q', 'currently-executing', 'error-q', 'fail-q', 'trash'])
    expectEqual('sjq', namesIn(queue).length, 0, `in ${queue} are`);
  for (const name of done) {
    const status = /\n==== STATUS\n+([^\n]*)/.exec(headOf(join(dir, 'done-q', name)))?.[1];
    expectEqual(
      'sjq',
      status?.startsWith('done exit=0 #1 '),
      true,
      `${name} says ${status ?? 'nothing'}: that it is done is`,
    );
  }
  const attempts = attemptsIn(dir);
  expectEqual('sjq', attempts.length, count, 'attempts in history.jsonl are');
  expectEqual('sjq', new Set(attempts).size, count, 'different names in history.jsonl are');
}

/** Gives the beginning of a file, which may be of any length. */
function headOf(path: string): string {
  const fd = openSync(path, 'r');
  const head = Buffer.alloc(4096);
  const length = readSync(fd, head);
  closeSync(fd);
  return head.toString('latin1', 0, length);
}
