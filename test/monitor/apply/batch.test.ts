import { describe, expect, it } from 'vitest';
import { Batch } from '../../../src/monitor/apply/batch.ts';
import { realFiles } from '../../../src/system/files.ts';
import { bytes } from '../../support/builders.ts';

/** Gives a batch, and in `done` what it did in order. A fault is swallowed as apply does. */
function rig(durability: 'power' | 'process', faulty: readonly string[] = []) {
  const done: string[] = [];
  const act = (what: string): void => {
    if (faulty.includes(what)) throw new Error(what);
    done.push(what);
  };
  const batch = new Batch({ ...realFiles, syncDirectory: (dir) => act(`sync ${dir}`) }, durability);
  const guard = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch {
      return false;
    }
  };
  // In an order that is not that of the doing.
  batch.after(() => act('after'));
  batch.unlessSynced(() => act('unless synced'));
  batch.remove(() => act('remove 1'), bytes('old'));
  batch.remove(() => act('remove 2'));
  batch.made(bytes('new'), bytes('runs'));
  batch.made(bytes('new'));
  return { batch, done, commit: () => batch.commit(guard) };
}

describe('the disk work of a wake', () => {
  it('makes all that is new durable before anything old is removed, and that before anything else', () => {
    const { done, commit } = rig('power');
    expect(commit()).toBe(true);
    expect(done).toEqual(['sync new', 'sync runs', 'remove 1', 'remove 2', 'sync old', 'after']);
  });

  it('makes what people made in a directory durable at once, and once a wake', () => {
    const { batch, done } = rig('power');
    batch.found(bytes('wait-q'));
    batch.found(bytes('wait-q'));
    expect(done).toEqual(['sync wait-q']);
    const other = rig('process');
    other.batch.found(bytes('wait-q'));
    expect(other.done).toEqual([]);
  });

  it('syncs nothing where only the process may die', () => {
    const { batch, done, commit } = rig('process');
    expect(batch.sync).toBe(false);
    expect(commit()).toBe(true);
    expect(done).toEqual(['remove 1', 'remove 2', 'after']);
  });

  it('removes nothing old when a sync of what is new failed', () => {
    const { done, commit } = rig('power', ['sync runs']);
    expect(commit()).toBe(false);
    expect(done).toEqual(['sync new', 'unless synced']);
  });

  it('starts nothing when a sync of what was removed failed', () => {
    const { done, commit } = rig('power', ['sync old']);
    expect(commit()).toBe(false);
    expect(done).toEqual(['sync new', 'sync runs', 'remove 1', 'remove 2', 'unless synced']);
  });

  it('goes on with the others when one removal fails', () => {
    const { done, commit } = rig('power', ['remove 1']);
    expect(commit()).toBe(false);
    expect(done).toEqual(['sync new', 'sync runs', 'remove 2', 'sync old', 'after']);
  });
});
