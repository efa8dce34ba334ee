// A person edits a UOW that runs and saves it, in each of the ways in which editors and shells save: while the job goes on, and
// in the very instant in which it ends. The job runs once, its output is kept, and the edit is in trash.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { beforeSuite } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { leftInSjq } from '../support/hostile.ts';
import { chance, figure, isTorture, times } from '../support/rig.ts';
import { type TestRoot, testRoot } from '../support/root.ts';

const rig = 'editor-saves';

/** Saves an edited text under a path whose file may be gone by then. */
type Save = (path: string, text: string) => void;

const saves: Readonly<Record<string, { readonly isInPlace: boolean; readonly save: Save }>> = {
  'new file, renamed': {
    isInPlace: false,
    save(path, text) {
      const fresh = path.replace(/[^/]*$/, '.$&.fresh');
      writeFileSync(fresh, text, 'latin1');
      renameSync(fresh, path);
    },
  },
  'old file renamed, new one written (vim)': {
    isInPlace: false,
    save(path, text) {
      try {
        renameSync(path, `${path}~`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      writeFileSync(path, text, 'latin1');
      // The monitor may have taken it back by now.
      rmSync(`${path}~`, { force: true });
    },
  },
  'sed -i': {
    isInPlace: false,
    save(path) {
      try {
        execFileSync('sed', ['-i', 's/^note ::.*/note :: edited by hand/', path], { stdio: 'ignore' });
      } catch {
        // Gone already: sed says so, and changes nothing.
      }
    },
  },
  'cp over it': {
    isInPlace: true,
    save(path, text) {
      const beside = path.replace(/currently-executing\/([^/]*)$/, 'edited-$1');
      writeFileSync(beside, text, 'latin1');
      execFileSync('cp', ['--', beside, path]);
    },
  },
  '> in place': {
    isInPlace: true,
    save: (path, text) => writeFileSync(path, text, 'latin1'),
  },
};

function edited(text: string): string {
  return text.replace(/^note ::.*$/m, 'note :: edited by hand');
}

describe.each(['tee', 'append'] as const)('with output: %s', (output) => {
  let root: TestRoot;
  beforeSuite(async () => {
    root = testRoot(`output: ${output}\nslots: 8\nsettle: 200ms\nsleep: 1s\n`);
    writeFileSync(root.path('ran'), '');
    await root.monitor();
  });

  function timesRun(name: string): number {
    return readFileSync(root.path('ran'), 'utf8')
      .split('\n')
      .filter((line) => line.replace(/~\d+$/, '') === name).length;
  }

  /** Waits until a UOW stands in done-q and nothing of it elsewhere but in trash. */
  async function hasCome(name: string): Promise<void> {
    // An edit in place that comes in the instant of the end is one of a UOW that has ended, STATUS and all.
    await eventually(() => existsSync(root.path('done-q', name)), { withinMs: 30_000, what: `${name} is in done-q` });
    await eventually(() => root.where(name).every((queue) => queue === 'done-q' || queue === 'trash'), {
      withinMs: 30_000,
      what: `${name} stands in done-q only: ${root.where(name).join(', ')}: ${root.says()}`,
    });
  }

  it.each(Object.entries(saves))(
    'a save while the job runs is noticed and said, the output kept: %s',
    async (how, { save, isInPlace }) => {
      const name = how.replace(/\W+/g, '-');
      root.drop(name, [
        'note :: as dropped',
        `command :: echo "$SJQ_NAME" >> ran; echo begin; until [ -e "go-${name}" ]; do sleep 0.02; done; echo end`,
      ]);
      const path = root.path('currently-executing', name);
      await eventually(() => existsSync(path) && root.log('currently-executing', name) === 'begin\n', {
        what: 'it runs',
      });
      save(path, edited(readFileSync(path, 'latin1')));
      if (!isInPlace) {
        await eventually(() => new RegExp(` restored ${name} `).test(root.says()), {
          withinMs: 10_000,
          what: 'it is said',
        });
      }
      writeFileSync(root.path(`go-${name}`), '');
      await hasCome(name);
      expect(root.log('done-q', name)).toBe('begin\nend\n');
      expect(root.read('done-q', name)).toContain('note :: as dropped\n');
      await eventually(() => new RegExp(` restored ${name} .*trash=`).test(root.says()), { what: 'it is said' });
      expect(
        root.list('trash').some((each) => each.startsWith(name) && root.read('trash', each).includes('edited by hand')),
      ).toBe(true);
      expect(timesRun(name)).toBe(1);
    },
  );

  it(
    'a save in the instant in which the job ends never has it run again, nor takes its output',
    async () => {
      const random = chance(output === 'tee' ? 1 : 2);
      const ways = Object.entries(saves);
      const all = Array.from({ length: times(25, 1000) }, (_each, at) => `instant-${at}`);
      const kept: string[] = [];
      const one = async (name: string, at: number): Promise<void> => {
        const [, { save, isInPlace }] = ways[at % ways.length] ?? ways[0]!;
        const path = root.path('currently-executing', name);
        root.drop(name, [
          'note :: as dropped',
          `command :: echo "$SJQ_NAME" >> ran; echo begin; touch up-${name}; until [ -e "go-${name}" ]; do sleep 0.01; done; echo end`,
        ]);
        await eventually(
          () => existsSync(root.path(`up-${name}`)) && root.log('currently-executing', name) === 'begin\n',
          {
            withinMs: 30_000,
            what: `${name} runs`,
          },
        );
        const text = edited(readFileSync(path, 'latin1'));
        writeFileSync(root.path(`go-${name}`), '');
        await wait(random(200));
        save(path, text);
        if (!isInPlace) kept.push(name);
      };
      for (let at = 0; at < all.length; at += 5)
        await Promise.all(all.slice(at, at + 5).map((name, of) => one(name, at + of)));
      for (const name of all) await hasCome(name);
      await eventually(() => root.list('currently-executing').length === 0 && root.list('wait-q').length === 0, {
        withinMs: 30_000,
        what: `nothing is left to run: ${root.list('currently-executing').join(', ')}`,
      });
      figure(rig, 'saves', all.length);
      expect(all.filter((name) => timesRun(name) !== 1)).toEqual([]);
      expect(readdirSync(root.path('done-q')).filter((name) => name.includes('~'))).toEqual([]);
      const logs = kept.map((name) => [name, root.log('done-q', name)]);
      expect(logs.filter(([, log]) => log !== 'begin\nend\n')).toEqual([]);
      await eventually(() => leftInSjq(root).length === 0, { withinMs: 20_000, what: 'nothing is left in .sjq' });
    },
    isTorture ? 3_600_000 : 90_000,
  );
});
