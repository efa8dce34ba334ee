// What the rigs of hostile files and hostile jobs ask of a monitor again and again: does it still serve, and has it leaked.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import type { TestMonitor, TestRoot } from './root.ts';

/** What a monitor holds of the machine. */
export interface Holdings {
  readonly descriptors: number;
  readonly residentMb: number;
}

/** Gives what a process holds now. */
export function holdingsOf(pid: number): Holdings {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, residentMb: Number(kb) / 1024 };
}

let bystanders = 0;

/** Drops a good UOW and waits until it has ended: whatever happened to the root before, the queue is served. */
export async function isServed(root: TestRoot, withinMs = 20_000): Promise<void> {
  const name = `bystander-${(bystanders += 1)}`;
  root.drop(name, ['command :: echo served']);
  await root.arrival('done-q', name, withinMs);
  expect(root.log('done-q', name)).toBe('served\n');
}

/** Gives the names below `.sjq` of what should be gone when nothing runs. */
export function leftInSjq(root: TestRoot): readonly string[] {
  return ['runs', 'claimed', 'intake/new', 'intake/wait', 'intake/priority', 'intake/executing'].flatMap((dir) =>
    readdirSync(root.path('.sjq', dir)).map((name) => `${dir}/${name}`),
  );
}

/** Waits until a monitor has come to rest as it was: the same number of descriptors, nothing left in `.sjq`, and it lives. */
export async function isAtRest(root: TestRoot, monitor: TestMonitor, before: Holdings): Promise<void> {
  expect([monitor.child.exitCode, monitor.child.signalCode]).toEqual([null, null]);
  await eventually(() => leftInSjq(root).length === 0, {
    withinMs: 20_000,
    what: `nothing is left in .sjq: ${leftInSjq(root).join(', ')}: ${lastOf(root.says())}`,
  });
  await eventually(() => holdingsOf(monitor.pid).descriptors <= before.descriptors, {
    withinMs: 20_000,
    what: `it holds ${before.descriptors} descriptors as before, and not ${holdingsOf(monitor.pid).descriptors}`,
  });
  expect(root.says()).not.toContain('please report it');
}

function lastOf(text: string): string {
  return text.slice(-2000);
}
