// Ours and the peers, in turn, at the same jobs; and the line of the table that says how they compare.
import type { Job } from './jobs.ts';
import type { Does } from './queues.ts';
import type { Bench, Line } from './row.ts';
import { median, ratios, told } from './series.ts';
import { inTurn } from './turns.ts';

/** One who does jobs, or why it cannot here. */
export interface Doer {
  readonly name: string;
  readonly does: Does;
  readonly whyNot?: string | undefined;
}

/** Milliseconds a UOW by the doer's name, one a round. Those who cannot are told and left out. */
export type Series = ReadonlyMap<string, readonly number[]>;

/** Lets everyone do so many jobs in each round. */
export async function compared(bench: Bench, doers: readonly Doer[], job: Job, count: number): Promise<Series> {
  for (const { name, whyNot } of doers) if (whyNot !== undefined) bench.say(`${name} is left out: ${whyNot}`);
  const contenders = doers
    .filter(({ whyNot }) => whyNot === undefined)
    .map(({ name, does }) => ({
      name,
      measure: async () => (await does(bench.place.folder(), job, count)) / count,
    }));
  return inTurn(contenders, bench.rounds, bench.say);
}

/** What must be reached: ours as fast as so many times one of the others, or the fastest of them. */
export interface Bound {
  /** Which of ours; `sjq` unless said. */
  readonly ours?: string;
  /** The names of those it is held against. */
  readonly than: readonly string[];
  readonly times: number;
  /** How `than` is called, `the best peer`. */
  readonly called: string;
}

/** Gives the lines: the figures of all, then one for each bound. */
export function linesOf(what: string, series: Series, bounds: readonly Bound[]): readonly Line[] {
  const all = [...series].map(([name, values]) => `${name} ${told(values)}`).join(', ');
  const measured = { what: `${what}, ms a UOW`, figures: all, bound: '' };
  return [measured, ...bounds.flatMap((bound) => lineOf(what, series, bound))];
}

function lineOf(what: string, series: Series, { ours: name = 'sjq', than, times, called }: Bound): readonly Line[] {
  const ours = series.get(name) ?? [];
  const others = than.flatMap((name) => series.get(name) ?? []).length > 0 ? than : [];
  const best = ours.map((_, round) => Math.min(...others.map((name) => series.get(name)?.[round] ?? Infinity)));
  if (others.length === 0)
    return [{ what: `${what}, against ${called}`, figures: 'not there', bound: `${times} times` }];
  const speed = ratios(best, ours);
  return [
    {
      what: `${what}, speed of ${name} against ${called}`,
      figures: `${told(speed)} times`,
      bound: `at least ${times} times`,
      isReached: median(speed) >= times,
    },
  ];
}
