// Anything that people, jobs, crashes and clocks may do to a root, in any order, against a model of a few lines: which UOWs must be
// there, how often a job may have started, what STATUS may say, and that each message was answered once. 300 runs in a common run,
// 100,000 in torture. What ever failed is kept in model-kept.json as the steps themselves, because a seed means nothing any
// more when a generator changes, and is replayed first.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenBy, type Step } from '../support/model.ts';
import { figure, seed, times } from '../support/rig.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const waiting = fc.constantFrom('wait-q' as const, 'priority-q' as const, 'currently-executing' as const);
const anywhere = fc.constantFrom(
  ...(['wait-q', 'wait-q', 'priority-q', 'currently-executing', 'done-q', 'archive', 'trash'] as const),
);
const pick = fc.nat(11);
const maybeName = fc.option(name, { freq: 3 });
const crashAt = fc.integer({ min: 1, max: 60 });
const message = fc.constantFrom(
  ...[
    'HOLD NAME',
    'RELEASE NAME',
    'PRIORITY NAME 7',
    'RETRY NAME',
    'SKIP NAME',
    'CANCEL NAME',
    'KILL JOB NAME',
    'KILL JOB',
  ],
  ...['PAUSE', 'RESUME', 'SLOTS 1', 'SLOTS 3', 'NOTE NAME a word', 'ACK NAME', 'CONTINUE NAME', 'FINISH', 'SHUTDOWN'],
  ...['SUSPEND JOB NAME', 'RESUME JOB NAME', 'no such message'],
);
const ms = fc.constantFrom(0, 1, 100, 1000, 3000, 21_000, 61_000);
const tick: fc.Arbitrary<Step> = fc.record({ do: fc.constant('tick' as const), ms });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('drop' as const), queue: waiting, name, idempotent: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      name,
      idempotent: fc.boolean(),
      crashAt: fc.oneof(fc.constant(99), fc.integer({ min: 1, max: 6 })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('mv' as const, 'mv' as const, 'cp' as const),
      pick,
      queue: anywhere,
      name: maybeName,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('rm' as const, 'edit' as const, 'save' as const), pick }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('say' as const), message, pick }) },
  { weight: 8, arbitrary: tick },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), pick, code: fc.constantFrom(0, 0, 3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      ms: fc.constantFrom(-86_400_000, -3_600_000, -5000, 3_600_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('crash' as const), at: fc.oneof(fc.constant(0), crashAt) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slots' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reboot' as const }) },
);
const steps = fc.array(step, { minLength: 4, maxLength: 24, size: 'max' });

// In memory where there is some: it is the calls that count here, not the disk.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sjq-model-'));
let roots = 0;
let taken = 0;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function broken(of: readonly Step[]): Promise<readonly string[]> {
  roots += 1;
  taken += of.length;
  const dir = join(folder, String(roots));
  try {
    return await brokenBy(dir, of);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Kept {
  readonly note: string;
  readonly steps: readonly Step[];
}

describe('whatever is done to a root', () => {
  const kept = JSON.parse(readFileSync(join(import.meta.dirname, 'model-kept.json'), 'utf8')) as readonly Kept[];

  it.each(kept)('what once failed holds: $note', async ({ steps: once }) => {
    expect(await broken(once)).toEqual([]);
  });

  it(
    'each UOW is where the model says, and was started no more often',
    async () => {
      const runs = times(300, 100_000);
      const holds = fc.asyncProperty(steps, async (each) => {
        const problems = await broken(each);
        if (problems.length > 0) throw new Error(problems.join('\n'));
      });
      const found = await fc.check(holds, { numRuns: runs, seed });
      figure('model', 'runs', found.numRuns);
      figure('model', 'commands', taken);
      if (!found.failed) return;
      const list = found.counterexample?.[0].map((each) => `      ${JSON.stringify(each)}`).join(',\n') ?? '';
      const told = found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance);
      const where = `seed ${String(found.seed)}, path ${found.counterexamplePath ?? ''}, run ${found.numRuns}`;
      throw new Error(`${told}\n${where}; for model-kept.json:\n  { "note": "", "steps": [\n${list}\n  ] }`);
    },
    24 * 3_600_000,
  );
});
