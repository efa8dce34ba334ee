// The kill storm: 8 jobs in flight, UOWs coming in all the time, and kill -9 of anything at any moment. In rounds, each with a
// root of its own and a whole check at its end, so that what breaks names a seed and a few dozen kills.
import { once } from 'node:events';
import { watch } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { chance, figure, isTorture, seed, times } from '../support/rig.ts';
import { program, type TestMonitor, testRoot, type TestRoot } from '../support/root.ts';
import { start } from '../support/scratch.ts';
import { aLoad } from '../support/storm-load.ts';
import { expectedOf, faultsOf, type Loss } from '../support/storm-verdict.ts';
import { quiet, unendedOf } from '../support/storm-quiet.ts';
import { survivorsOf, type Victim, victimsOf } from '../support/storm-victims.ts';
import { killHard } from '../support/victims.ts';
import { aWitness } from '../support/witness.ts';

const killsARound = 50;
const kills = times(100, 10_000);
const rounds = Array.from({ length: Math.ceil(kills / killsARound) }, (_each, at) => at + 1);
/** So many UOWs wait or run at any time: the slots are always full. */
const loadUows = 16;
/** The last of a list is as likely as it stands there. */
const kinds: readonly ('monitor' | Victim['kind'])[] = [
  ...([
    'monitor',
    'monitor',
    'monitor',
    'launcher',
    'guardian',
    'guardian',
    'tee',
    'tee',
    'job',
    'job',
    'sleeper',
  ] as const),
];

it.each(rounds)(
  'promises 1 to 4: whatever is killed at whatever moment, each UOW ends once, as documented for who was killed (round %i)',
  async (round) => {
    const random = chance(round);
    const root = testRoot('slots: 8\nsleep: 1s\nsuspend_after: 0\n');
    const witness = aWitness();
    const load = aLoad(root, witness, random);
    const losses = new Map<string, Set<Loss>>();
    let monitor = await root.monitor();
    let inFlight = 0;
    for (let count = 0; count < Math.min(killsARound, kills - (round - 1) * killsARound); count++) {
      while (unendedOf(root, load) < loadUows) load.drop();
      await moment(root, random);
      // In torture the last one may be anybody, and what then waits half a minute for its start must get it.
      const isLast = !isTorture && count === killsARound - 1;
      const victim = isLast ? 'monitor' : await oneOf(root, random);
      inFlight += root.list('currently-executing').length;
      if (victim === 'monitor') {
        await monitor.crash();
        monitor = await another(root, random);
      } else {
        for (const loss of victim.costs)
          losses.set(victim.uow ?? '', (losses.get(victim.uow ?? '') ?? new Set()).add(loss));
        await killHard(victim.pid);
      }
      figure('kill-storm', `${victim === 'monitor' ? victim : victim.kind}s killed`, 1);
    }
    await quiet(root, load, `seed ${seed}, round ${round}`);
    const none: ReadonlySet<Loss> = new Set();
    const expected = load.uows.map((uow) => expectedOf(uow, losses.get(uow.id) ?? none));
    const broken = [
      ...brokenInvariants(root.dir, expected, witness.starts),
      ...load.uows.flatMap((uow) => faultsOf(root, uow, losses.get(uow.id) ?? none, witness.startsOf(uow.id))),
      ...survivorsOf(root),
    ];
    figure('kill-storm', 'UOWs', load.uows.length);
    figure('kill-storm', 'UOWs of which nothing was killed', load.uows.length - losses.size);
    figure('kill-storm', 'violations', broken.length);
    expect(broken, `seed ${seed}, round ${round}: ${root.says()}`).toEqual([]);
    expect(inFlight / killsARound).toBeGreaterThan(4);
  },
  300_000,
);

/** Any instant, or one shortly after something changed on disk: a claim, a start, an end, a move. */
async function moment(root: TestRoot, random: (below: number) => number): Promise<void> {
  if (random(2) === 0) {
    await wait(random(100));
    return;
  }
  const folders = ['.sjq/runs', '.sjq/claimed', 'wait-q', 'currently-executing', 'done-q'];
  const watcher = watch(root.path(folders[random(folders.length)] ?? ''));
  try {
    await once(watcher, 'change', { signal: AbortSignal.timeout(300) });
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  } finally {
    watcher.close();
  }
  await wait(random(20));
}

/** Gives whom to kill now: a kind by chance, and one of that kind by chance; if there is none, whoever comes. */
async function oneOf(root: TestRoot, random: (below: number) => number): Promise<'monitor' | Victim> {
  const kind = kinds[random(kinds.length)] ?? 'monitor';
  if (kind === 'monitor') return kind;
  const all = await eventually(() => nonEmpty(victimsOf(root)), { withinMs: 60_000, what: 'there is anybody to kill' });
  const victims = nonEmpty(all.filter((each) => each.kind === kind)) ?? all;
  return victims[random(victims.length)] ?? 'monitor';
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Starts the next monitor: at once, after a pause, after one that is killed while it starts, or two at once of which one serves. */
async function another(root: TestRoot, random: (below: number) => number): Promise<TestMonitor> {
  const way = random(6);
  if (way === 0) await wait(random(1000));
  if (way === 1) {
    const starting = start(process.execPath, [program, 'monitor', '--root', root.dir], { stdio: 'ignore' });
    await wait(150 + random(400));
    await killHard(starting.pid);
    figure('kill-storm', 'monitors killed', 1);
  }
  if (way !== 2) return root.monitor();
  const both = await Promise.all([root.monitor(), root.monitor()]);
  const loser = await eventually(() => both.find(({ child }) => child.exitCode !== null), {
    withinMs: 20_000,
    what: 'one of two gives up',
  });
  expect(await loser.ended).toBe(75);
  const [winner] = both.filter((each) => each !== loser);
  if (winner?.child.exitCode !== null) throw new Error('both have given up');
  return winner;
}
