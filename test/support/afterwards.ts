// What a test made is undone after it; what several tests share, after the last of them.
import { afterAll, beforeAll, onTestFinished } from 'vitest';

type Undo = () => unknown;

let shared: Undo[] | undefined;

/** Does `undo` when the test is over or, during {@link beforeSuite}, when its suite is. The last made is undone first. */
export function afterwards(undo: Undo): void {
  if (shared) shared.push(undo);
  else
    onTestFinished(async () => {
      await undo();
    });
}

/** Makes, before the first test of the suite, what its tests share; all that is made in it is undone after the last one. */
export function beforeSuite(make: () => void | Promise<void>, timeoutMs?: number): void {
  const undos: Undo[] = [];
  beforeAll(async () => {
    shared = undos;
    try {
      await make();
    } finally {
      shared = undefined;
    }
  }, timeoutMs);
  afterAll(async () => {
    for (const undo of undos.toReversed()) await undo();
  });
}
