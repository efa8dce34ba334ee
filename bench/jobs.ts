// The jobs that the queues of the bench run, and what all who run them have in common.

/** What a UOW asks to run. */
export type Job = 'direct' | 'shell';

/** A no-op: a program by itself, or a line that no queue can run without a shell. */
export const commandOf: Readonly<Record<Job, string>> = { direct: '/bin/true', shell: 'true && true' };

/** The same as arguments, for those who take no line. */
export const argvOf: Readonly<Record<Job, readonly string[]>> = {
  direct: ['/bin/true'],
  shell: ['/bin/sh', '-c', 'true && true'],
};

/** So many run at once, everywhere. */
export const slots = 2;

/** Gives a loop of the shell that does `once` so many times; `$i` counts from 0. */
export function loop(count: number, once: string): string {
  return `i=0; while [ $i -lt ${count} ]; do ${once}; i=$((i+1)); done`;
}

/**
 * Holds what a peer says of its jobs against what was asked of it.
 * @throws Error if it is not the same.
 */
export function expectEqual(whose: string, is: unknown, expected: unknown, what: string): void {
  if (is !== expected) throw new Error(`${whose}: ${what} ${String(is)}, not ${String(expected)}`);
}
