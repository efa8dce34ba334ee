// Nothing is done before that on which it relies is durable: what a power cut takes is held against each step of a life that has
// no fault at all. The cuts themselves are made by power-cuts.test.ts; this says at once which step came too early.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { type Bytes, bytesFromUtf8 } from '../../src/model/bytes.ts';
import { rootPaths } from '../../src/model/paths.ts';
import { readConfig } from '../../src/monitor/read-config.ts';
import { submit } from '../../src/monitor/submit.ts';
import { createSubmitter } from '../../src/monitor/submit-batch.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import { realHost } from '../../src/system/host.ts';
import { type Durable, durableFiles } from '../support/durable.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { type Behaviour, type FakeGuardians, fakeGuardians } from '../support/fake-guardians.ts';
import { queueNames, uowText } from '../support/root.ts';
import { scratchFolder } from '../support/scratch.ts';
import { live } from '../support/simulated.ts';

interface Stage {
  readonly dir: string;
  readonly durable: Durable;
  readonly guardians: FakeGuardians;
  readonly drop: (name: string, ...header: readonly string[]) => void;
  /** Lets a monitor live until all is quiet, or until a job runs. */
  readonly live: (isEnough?: () => boolean) => Promise<void>;
}

/** A root with `durability: power`, whose jobs behave like this. */
function stage(behaviour: Behaviour = 'ends-at-once'): Stage {
  const dir = scratchFolder();
  for (const queue of queueNames) mkdirSync(join(dir, queue));
  writeFileSync(join(dir, 'config.yaml'), 'sleep: 20s\nstatus: off\ndurability: power\n');
  const durable = durableFiles(dir);
  const guardians = durable.told(fakeGuardians(() => behaviour));
  return {
    ...{ dir, durable, guardians },
    drop: (name, ...header) =>
      writeFileSync(join(dir, 'wait-q', name), uowText(`label :: ${name}`, 'command :: true', ...header)),
    async live(isEnough) {
      await live(dir, guardians, { kind: 'none' }, isEnough, { watched: durable.watched });
    },
  };
}

it('a submitted UOW is durable, content and name, before its name is given back', () => {
  const { dir, durable } = stage();
  const machine = { files: durable.watched(realFiles), clock: fakeClock(Date.now()), host: realHost() };
  const root = bytesFromUtf8(dir);
  const text = bytesFromUtf8(uowText('label :: a', 'command :: true'));
  const name = submit(machine, rootPaths(root, readConfig(realFiles, root)), {
    ...{ name: bytesFromUtf8('a'), text, queue: 'wait', durability: 'power' },
  });
  expect(durable.isSafe(join(dir, 'wait-q', name))).toBe(true);
});

it('a rerun says that it waits only when its move into wait-q is durable', async () => {
  const { dir, durable, drop, live: toQuiet, guardians } = stage();
  drop('a');
  await toQuiet();
  renameSync(join(dir, 'done-q/a'), join(dir, 'wait-q/a'));
  const calls: string[] = [];
  const watched = (files: Files): Files => ({
    ...durable.watched(files),
    syncDirectory(of) {
      calls.push(`sync ${relative(dir, of)}`);
      files.syncDirectory(of);
    },
    overwrite(path, ...rest) {
      calls.push(`write ${relative(dir, path)}`);
      return files.overwrite(path, ...rest);
    },
  });
  await live(dir, guardians, { kind: 'none' }, undefined, { watched });
  const written = calls.indexOf('write wait-q/a');
  expect(written).toBeGreaterThan(0);
  expect(calls.slice(0, written)).toContain('sync wait-q');
});

it('of a batch each UOW is durable, content and name, before the names are given back', async () => {
  const { dir, durable } = stage();
  const files = durable.watched(realFiles);
  const syncFiles = async (_dir: Bytes, paths: readonly Bytes[]): Promise<void> => {
    for (const path of paths) await files.syncFile(path);
  };
  const root = bytesFromUtf8(dir);
  const machine = { files, clock: fakeClock(Date.now()), host: realHost(), syncFiles };
  const of = { queue: 'wait', durability: 'power' } as const;
  const submitter = createSubmitter(machine, rootPaths(root, readConfig(realFiles, root)), of);
  const drops = ['a', 'a', 'b'].map((name) => ({
    ...{ name: bytesFromUtf8(name), text: bytesFromUtf8(uowText(`label :: ${name}`, 'command :: true')) },
  }));
  const { names } = await submitter.submit(drops);
  expect(names).toEqual(['a', 'a~2', 'b']);
  for (const name of names) expect(durable.isSafe(join(dir, 'wait-q', name ?? ''))).toBe(true);
});

it.each<readonly [what: string, behaviour: Behaviour, starts: number]>([
  ['ends', 'ends-at-once', 1],
  ['is interrupted and made again', 'guardian-killed-first', 2],
  ['is asked of a second launcher', 'never-asked-first', 1],
])(
  'a UOW that is taken in, started and %s: each step waits for what it relies on',
  async (_what, behaviour, starts) => {
    const { durable, guardians, drop, live } = stage(behaviour);
    drop('a', 'idempotent :: yes');
    await live();
    expect(guardians.starts).toHaveLength(starts);
    expect(durable.early).toEqual([]);
  },
);

it('a UOW that the next monitor finishes: each step waits for what it relies on', async () => {
  const { durable, guardians, drop, live } = stage('ends-later');
  drop('a');
  await live(() => guardians.alive > 0);
  guardians.endJobs();
  await live();
  expect(durable.early).toEqual([]);
});

it('a KILL JOB that means an attempt: that is durable before the job is ended', async () => {
  const { dir, durable, guardians, drop, live } = stage('ends-later');
  drop('a');
  await live(() => guardians.alive > 0);
  writeFileSync(join(dir, 'monitor_reads'), 'KILL JOB a\n', { flag: 'a' });
  await live();
  expect([...guardians.ends.values()].map(({ why }) => why)).toEqual(['killed']);
  expect(durable.early).toEqual([]);
});

it('a sync of a directory that fails once: nothing is launched or let go on the word of the next one', async () => {
  // The first three are the start's, which ends it.
  for (let failing = 4, isMet = true; isMet; failing++) {
    const { dir, durable, guardians, drop } = stage();
    drop('a', 'idempotent :: yes');
    let syncs = 0;
    await live(dir, guardians, { kind: 'none' }, undefined, {
      watched: (files) =>
        durable.watched({
          ...files,
          syncDirectory(path) {
            syncs += 1;
            if (syncs === failing) throw Object.assign(new Error('EIO: injected'), { code: 'EIO', errno: -5 });
            files.syncDirectory(path);
          },
        }),
    });
    isMet = syncs >= failing;
    expect(guardians.starts, `the sync ${failing} of ${syncs}`).toHaveLength(1);
    expect(durable.early, `the sync ${failing} of ${syncs}`).toEqual([]);
  }
});
