// Every instant at which the monitor may die, and every call that the machine may refuse, one after another: then a monitor without
// faults, or the same one on a mended disk, and every invariant must hold. There are some 200,000 such instants here: a common run
// takes a slice of them that comes to each place in src/monitor that calls the file system; `npm run torture` goes through all.
// One that went wrong is tried again, alone, by SJQ_TRIAL (its JSON) and the scenario's title.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { flows } from '../support/calls/flows.ts';
import { hands } from '../support/calls/hands.ts';
import { hooked } from '../support/calls/hooked.ts';
import { lives } from '../support/calls/lives.ts';
import { messages } from '../support/calls/messages.ts';
import { parents } from '../support/calls/parents.ts';
import {
  done,
  isRoot,
  type Playground,
  playground,
  removePlaygrounds,
  type Scenario,
} from '../support/calls/playground.ts';
import { recoveries } from '../support/calls/recoveries.ts';
import { schedules } from '../support/calls/schedules.ts';
import { aimed, ranked, type Trial, trialsOf } from '../support/calls/trials.ts';
import { callSites } from '../support/call-sites.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { figure, isTorture, share } from '../support/rig.ts';
import { queueNames, uowText } from '../support/root.ts';
import { type Life, submitted, submittedTogether } from '../support/simulated.ts';

const scenarios = [...lives, ...messages, ...hands, ...recoveries, ...schedules, ...parents, ...hooked, ...flows];
/** What a scenario may take in a common run. */
const budgetMs = 150;
/** And so many trials, besides the first of each place: a fast machine and a slow one try much the same. */
const triedAtMost = 30;
/** A fault that lasts is told in so many different ways at most. */
const faultsSaidAtMost = 25;

/** More trials that went wrong tell no more. */
const foundAtMost = 10;

/** By file and method: how many places no fault need come to here, and why. */
const unreached: Readonly<Record<string, readonly [count: number, why: string]>> = {
  'apply/by-hand.ts rename': [1, 'a file of another user, under a monitor that is not root’s'],
  'apply/trash.ts rename': [1, 'the same'],
  'apply/write-status.ts stat': [1, 'what refuses the right to write may let it be read: in torture'],
  'apply/write-status.ts setMode': [1, 'a UOW that its author made read-only, under a monitor that is not root’s'],
  'apply/write-status.ts overwrite': [1, 'the same'],
  'submit.ts stat': [1, 'two submitters of one name in one instant'],
  'submit.ts unlink': [3, 'the same, and a directory that cannot be synced behind the link'],
  'submit.ts link': [1, 'the same'],
  'submit-batch.ts unlink': [1, 'only sjq submit --each: promise 1 of a batch, below'],
  'submit-batch.ts syncDirectory': [1, 'the same'],
  'apply/ask-when.ts stat': [1, 'asked outside of the wake: test/monitor/apply/ask-when.test.ts'],
  'apply/claim.ts stat': [2, 'what undoes a claim has its faults in torture'],
  'apply/claim.ts unlink': [1, 'the same'],
  'apply/deliver.ts stat': [1, 'what takes a name back whose sync failed has its faults in torture'],
  'apply/deliver.ts unlink': [2, 'the same'],
  'apply/destination.ts unlink': [
    2,
    'a name that a person moved in the midst of a crash, or whose sync failed: in torture',
  ],
  'apply/hooks.ts unlink': [
    1,
    'a head that was edited in place between a crash and the next start, while hooks had not begun',
  ],
  'apply/hooks.ts link': [1, 'the same'],
  'apply/hooks.ts removeTree': [1, 'what somebody put beside the `started` of hooks'],
  'messages/schedule.ts unlink': [1, 'what a FIRE leaves that was refused has its faults in torture'],
  'apply/mend.ts setMode': [1, 'a UOW whose job took the rights to it from its owner'],
  'apply/restore.ts unlink': [1, 'not held here: a second link in .sjq that a job removed'],
  'apply/restore.ts stat': [2, 'the same'],
  'apply/restore.ts link': [1, 'the same'],
  'apply/restore.ts create': [1, 'the same'],
  'history.ts append': [1, 'a history that a kill cut off: test/monitor/history.test.ts'],
  'messages/inbox.ts realPath': [1, 'a message file that is a symlink'],
  'messages/inbox.ts stat': [1, 'the same'],
  'messages/inbox.ts read': [1, 'a message file of more than 16 MiB'],
  'survey/count.ts stat': [3, 'only a directory of thousands is counted so: test/monitor/survey/count.test.ts'],
  'survey/count.ts list': [1, 'a count in doubt: the same'],
  'survey/runs.ts setMode': [1, 'a directory whose rights its job took away'],
  'apply/take-in.ts stat': [2, 'what undoes a taking-in has its faults in torture'],
  'apply/take-in.ts unlink': [1, 'the same'],
  'apply/take-in-flow.ts stat': [3, 'what undoes a taking-in has its faults in torture'],
  'apply/take-in-flow.ts unlink': [2, 'the same'],
  'apply/trash.ts unlink': [1, 'what a crash left of a move to trash: in torture'],
  'messages/mark.ts stat': [1, 'what ends the piece of a note that a full disk cut off has its faults in torture'],
  'messages/mark.ts read': [1, 'the same'],
  'messages/mark.ts append': [1, 'the same'],
  'messages/move.ts stat': [2, 'what undoes a move that was refused or too late has its faults in torture'],
  'messages/move.ts unlink': [1, 'the same'],
  'survey/look.ts stat': [1, 'a name that waits already: in torture'],
  ...(isRoot
    ? {}
    : {
        'apply/take-in.ts setOwner': [1, 'only root gives a file away'],
        'apply/claim.ts setOwner': [1, 'the same'],
        'apply/mend.ts setOwner': [1, 'the same'],
        'messages/inbox.ts setOwner': [1, 'the same'],
      }),
};

afterAll(removePlaygrounds);

/** Gives everything that is broken after this trial. `hit` is told where its fault came. */
async function broken(scenario: Scenario, trial: Trial, hit: (site: string) => void): Promise<readonly string[]> {
  const root = playground(scenario);
  const problems: string[] = [];
  const met: string[] = [];
  try {
    await scenario.prepare(root);
    let end = '';
    for (const fault of trial.faults) {
      const life = await root.live(fault, trial.lasting && { lasting: trial.lasting });
      end = life.end;
      met.push(`${life.files.metAt[0] ?? 'elsewhere'}: ${life.files.met ?? 'nothing'} (${end})`);
      for (const site of life.files.metAt) hit(site);
      problems.push(...ofLife(life, trial, scenario));
    }
    // One that a message told to end has another behind it.
    for (let more = 0; end !== 'quiet' && more < 3; more++) {
      const life = await root.live();
      end = life.end;
      problems.push(...ofLife(life, trial, scenario));
    }
    const { mayNeedDoctor = [] } = scenario;
    problems.push(...problemsOf(scenario, root).filter((problem) => !mayNeedDoctor.includes(problem)));
  } catch (error) {
    problems.push(String(error));
  }
  root.remove();
  return problems.length === 0 ? [] : [...met, ...problems];
}

/** Gives what a monitor must not do while it lives. */
function ofLife({ files, end, said }: Life, { way, lasting }: Trial, { mayDelete = [] }: Scenario): readonly string[] {
  // Promise 10.
  const deleted = files.deleted.filter((path) => !mayDelete.some((each) => path.endsWith(`/${each}`)));
  const problems = deleted.map((path) => `${path} was deleted`);
  if (end.startsWith('thrown')) problems.push(end);
  // A full disk, and a write that fails, keep no monitor from starting: it may be what makes room.
  const isWrite = /^(syncDirectory|create|append|overwrite|link|rename|unlink) /.test(files.met ?? '');
  if (end === 'refused' && isWrite && /^(ENOSPC|EDQUOT|EIO once)/.test(way))
    problems.push(`it did not start: ${files.met}`);
  // A fault of the machine is no bug of the program; only a crash looks like one here.
  const bug = /^.*please report it.*(\n {4}.*){0,6}/m.exec(said);
  if (bug && !/^(crash|torn)/.test(way)) problems.push(`taken for a bug: ${bug[0]}`);
  if (!lasting) return problems;
  const faults = said.split('\n').filter((line) => /( fault | attention |^sjq: )/.test(line));
  const texts = faults.map((line) => line.replace(/^\d\S+ /, ''));
  const repeated = texts.find((text, at) => texts.indexOf(text) !== at);
  if (repeated !== undefined) problems.push(`said more than once: ${repeated}`);
  if (texts.length > faultsSaidAtMost)
    problems.push(`${texts.length} faults were said: ${texts.slice(-3).join(' | ')}`);
  return problems;
}

function problemsOf(scenario: Scenario, root: Playground): readonly string[] {
  const { dir, guardians } = root;
  // One that somebody removed is made again when there is something to put into it.
  for (const queue of queueNames) mkdirSync(root.path(queue), { recursive: true });
  return [
    ...brokenInvariants(dir, scenario.expected, guardians.starts, scenario.mayHave),
    ...(scenario.problems?.(root) ?? []),
  ];
}

/** Gives every trial of every scenario. */
async function allTrials(): Promise<readonly (Trial & { readonly scenario: Scenario })[]> {
  const all: (Trial & { readonly scenario: Scenario })[] = [];
  for (const scenario of scenarios) {
    const root = playground(scenario);
    await scenario.prepare(root);
    const { files } = await root.live(undefined, { isTraced: true });
    for (const trial of trialsOf(files.trace, scenario.title))
      if (scenario.notHeld?.test(trial.way) !== true) all.push({ ...trial, scenario });
    root.remove();
  }
  return all;
}

const all = ranked(await allTrials());
const chosen = new Map(scenarios.map((scenario): [Scenario, (typeof all)[number][]] => [scenario, []]));
for (const each of share(all)) chosen.get(each.of.scenario)?.push(each);
const hit = new Set<string>();
const asked = process.env['SJQ_TRIAL'];

describe.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_, scenario) => {
  it('comes to its one end without a fault', async () => {
    const root = playground(scenario);
    await scenario.prepare(root);
    const life = await root.live();
    if (life.end !== 'quiet') await root.live();
    expect(problemsOf(scenario, root)).toEqual([]);
    root.remove();
  });

  it(
    'comes to its one end, whatever call the machine refuses or the monitor dies at',
    async () => {
      const own = chosen.get(scenario) ?? [];
      const found: Record<string, readonly string[]> = {};
      const startedAt = performance.now();
      let count = 0;
      for (const { of, siteRank } of asked === undefined ? own : [{ of: trialFrom(asked), siteRank: 0 }]) {
        // The first of each place comes first of all.
        if (!isTorture && siteRank > 0 && (count >= triedAtMost || performance.now() - startedAt > budgetMs)) break;
        // What is broken is broken in thousands of them.
        if (Object.keys(found).length >= foundAtMost) break;
        const trial = siteRank === 0 && asked === undefined ? aimed(of) : of;
        const { faults, lasting, way } = trial;
        const problems = await broken(scenario, trial, (site) => hit.add(site));
        if (problems.length > 0) found[JSON.stringify({ faults, lasting, way })] = problems;
        count += 1;
      }
      figure('calls', 'faults', count);
      expect(found).toEqual({});
    },
    isTorture ? 3_600_000 : 60_000,
  );
});

function trialFrom(json: string): Trial {
  return { ...(JSON.parse(json) as Omit<Trial, 'site'>), site: undefined };
}

it('a fault came to every place in src/monitor that calls the file system', async () => {
  const sites = callSites();
  // By its clock a life may have come by another way: the places that are left have a few tries more.
  for (const site of leftOf(sites))
    for (const { of } of all.filter((each) => each.of.site === site).slice(0, 8))
      if (!hit.has(site))
        expect(await broken(of.scenario, aimed({ ...of, siteAt: 1 }), (met) => hit.add(met))).toEqual([]);
  figure('calls', 'call sites', `${sites.filter((site) => hit.has(site)).length} of ${sites.length}`);
  expect(leftOf(sites)).toEqual([]);
}, 120_000);

/** Gives the places that no fault has come to, of each method in a file where they are more than may be. */
function leftOf(sites: readonly string[]): readonly string[] {
  const missed = new Map<string, string[]>();
  for (const site of sites.filter((each) => !hit.has(each))) {
    const key = site.replace(/:\d+/, '');
    missed.set(key, [...(missed.get(key) ?? []), site]);
  }
  return [...missed]
    .filter(([key, places]) => places.length > (unreached[key]?.[0] ?? 0))
    .flatMap(([, places]) => places);
}

it('promise 1: a UOW whose submit returned its name is there once, one whose submit died at most once', async () => {
  const text = uowText('label :: A', 'command :: true');
  for (let at = 1; at <= 20; at++) {
    for (const kind of ['crash', 'torn'] as const) {
      const root = playground({});
      const name = submitted(root.dir, 'a', text, { kind, at });
      await root.quiet();
      const isThere = name !== undefined || root.guardians.starts.length > 0;
      const problems = brokenInvariants(root.dir, isThere ? [done('A')] : [], root.guardians.starts);
      expect(problems, `${kind} at ${at}`).toEqual([]);
    }
  }
});

it('promise 1: of a batch each UOW that was acknowledged is there once, and any other at most once, whatever call dies or fails', async () => {
  const labels = ['A', 'B', 'C'];
  // Two of one name: the second guesses its own.
  const drops = labels.map(
    (label, at) => [at < 2 ? 'a' : 'c', uowText(`label :: ${label}`, 'command :: true')] as const,
  );
  const kinds = [{ kind: 'crash' }, { kind: 'torn' }, { kind: 'errno', code: 'EIO' }] as const;
  let [acknowledged, calls] = [0, 0];
  for (const kind of kinds) {
    for (let at = 1, isMet = true; isMet; at++) {
      const root = playground({});
      const { names, met } = await submittedTogether(root.dir, drops, { ...kind, at });
      isMet = met;
      await root.quiet();
      const starts = root.guardians.starts.map(({ label }) => label);
      const isThere = (label: string, place: number): boolean => names[place] !== undefined || starts.includes(label);
      const problems = brokenInvariants(
        root.dir,
        labels.filter(isThere).map((label) => done(label)),
        root.guardians.starts,
      );
      expect(problems, `${kind.kind} at ${at}`).toEqual([]);
      acknowledged += names.filter((name) => name !== undefined).length;
      calls += 1;
      root.remove();
    }
  }
  figure('calls', 'batches', calls);
  expect(acknowledged).toBeGreaterThan(labels.length * kinds.length);
});

it('promise 9: an idle monitor writes nothing, whatever stands in its root and waits', async () => {
  const root = playground({});
  root.drop('wait-q', 'a', 'A');
  await root.quiet();
  root.message('PAUSE');
  root.drop('wait-q', 'b', 'B');
  await root.quiet();
  const { files, lastChangeMs } = await root.live();
  // Its start is told: who holds the root, and a line in monitor_says and in history.
  expect(lastChangeMs).toBe(0);
  expect(files.changes).toBeLessThan(15);
});

it('promise 10: nothing of anybody’s is deleted when thousands of bytes of it are taken in, run, and trashed', async () => {
  const root = playground({});
  root.drop('wait-q', 'a', 'A');
  writeFileSync(root.path('wait-q/bad'), 'no UOW\n');
  writeFileSync(root.path('done-q/by-hand'), 'no UOW\n');
  writeFileSync(root.path('trash/old'), 'no UOW\n');
  const { files } = await root.live();
  expect(files.deleted).toEqual([]);
  expect(readdirSync(root.path('trash')).sort()).toContain('bad');
});
