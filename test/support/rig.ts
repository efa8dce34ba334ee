// What the rigs of test/crash share: how long a run of them may be, chance that a seed decides, and the figures that
// `npm run torture` (test/torture.mjs) gathers for docs/reliability.md.
import { appendFileSync } from 'node:fs';

/** True in `npm run torture`: everything whole, and no budget of time. */
export const isTorture = process.env['SJQ_TORTURE'] === '1';

const scale = Number(process.env['SJQ_TORTURE_SCALE'] ?? 1);

/** Torture may run a rig in lanes, several processes side by side: `SJQ_LANE=0/6` is the first of six, and each does a sixth. */
const [lane = 0, lanes = 1] = (process.env['SJQ_LANE'] ?? '0/1').split('/').map(Number);

/** `SJQ_SEED` itself, the same in all lanes. */
export const commonSeed = Number(process.env['SJQ_SEED'] ?? 1);

/** Decides every choice that is left to chance: `SJQ_SEED`, else 1. Each lane has its own; the first has that of a run without lanes. */
export const seed = commonSeed + lane * 100_000;

/** Gives how often to do something: `normal` in a common run; `torture` times `SJQ_TORTURE_SCALE` (1 unless set) in torture. */
export function times(normal: number, torture: number): number {
  return isTorture ? Math.max(1, Math.round((torture * scale) / lanes)) : normal;
}

/** Gives what of `all` to try: the first `normal` in a common run; in torture all, or the first part of it by scale, dealt out to the lanes. */
export function share<T>(all: readonly T[], normal = all.length): readonly T[] {
  if (!isTorture) return all.slice(0, normal);
  return all.slice(0, Math.max(1, Math.round(all.length * scale))).filter((_each, at) => at % lanes === lane);
}

/** Gives a source of whole numbers from 0 to `below` - 1, the same ones for the same seed and salt. */
export function chance(salt: number, from = seed): (below: number) => number {
  let state = (Math.imul(from, 2_654_435_761) + Math.imul(salt, 40_503) + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Gives the whole numbers from 1 to `count` in an order that the seed and `salt` decide, the same one in each lane. */
export function shuffled(count: number, salt: number): readonly number[] {
  const random = chance(salt, commonSeed);
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  for (let at = count - 1; at > 0; at--) {
    const other = random(at + 1);
    [numbers[at], numbers[other]] = [numbers[other] ?? 0, numbers[at] ?? 0];
  }
  return numbers;
}

/**
 * Tells what a rig did: `figure('kill-storm', 'kills', 10_000)`. Numbers of the same name are added up, a text replaces the one
 * before. Outside of `npm run torture` nobody listens.
 */
export function figure(rig: string, what: string, value: number | string): void {
  const file = process.env['SJQ_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ rig, what, value })}\n`);
}
