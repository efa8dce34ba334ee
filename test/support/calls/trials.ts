// Which faults the calls rig tries, and in what order: every call of every scenario, each way in which it can go wrong, with a call
// of each place in src/monitor before a second one of any.
import type { Errno } from '../errnos.ts';
import { comesTo, type Fault, type Traced } from '../faulty-files.ts';
import { spread } from '../../../src/model/spread.ts';
import { commonSeed } from '../rig.ts';

/** One fault, and what comes behind it. */
export interface Trial {
  /** Each is a life; a last one without a fault follows where the one before did not come to rest. */
  readonly faults: readonly Fault[];
  /** What ends a fault that lasts. */
  readonly lasting?: 'mended' | 'dies';
  /** Where in src/monitor it comes, if all goes as without it; and as which of the calls from there. */
  readonly site: string | undefined;
  readonly siteAt?: number;
  readonly way: string;
  /** Decides together with the seed when it is tried: a life with a call more or less has the same trials first. */
  readonly key?: string;
}

const errnos: readonly Errno[] = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EMFILE', 'ENOENT'];

interface Way {
  readonly name: string;
  readonly fault: (at: number) => Fault;
  readonly lasting?: 'mended' | 'dies';
}

const ways: readonly Way[] = [
  ...(['crash', 'crash-after', 'torn', 'short'] as const).map((kind) => ({
    name: kind,
    fault: (at: number): Fault => ({ kind, at }),
  })),
  ...errnos.map((code) => ({ name: `${code} once`, fault: (at: number): Fault => ({ kind: 'errno', at, code }) })),
  // What somebody takes away for good is a person's word, and another scenario.
  ...errnos
    .filter((code) => code !== 'ENOENT')
    .flatMap((code) =>
      (['mended', 'dies'] as const).map((lasting) => ({
        name: `${code} until it ${lasting === 'dies' ? 'dies' : 'is mended'}`,
        fault: (at: number): Fault => ({ kind: 'errno', at, code, lasts: true }),
        lasting,
      })),
    ),
];

/** Gives every trial of the scenario of that title, whose calls are these. */
export function trialsOf(trace: readonly Traced[], title: string): readonly Trial[] {
  const trials: Trial[] = [];
  for (const { name: way, fault, lasting } of ways) {
    let at = 0;
    const siteAts = new Map<string, number>();
    for (const call of trace) {
      if (!comesTo(fault(1), call)) continue;
      at += 1;
      const { site } = call;
      const siteAt = (siteAts.get(site ?? '') ?? 0) + 1;
      siteAts.set(site ?? '', siteAt);
      const key = keyOf(title, way, call, siteAt);
      trials.push({ faults: [fault(at)], site, siteAt, way, key, ...(lasting && { lasting }) });
    }
  }
  // The monitor that recovers from a crash crashes too.
  const crashes = trials.filter(({ way }) => way === 'crash');
  for (const { faults, site, siteAt = 1, key: first = '' } of crashes) {
    const key = `${first}, twice`;
    const second: Fault = {
      kind: spread(`${key}?`, 2) === 0 ? 'crash' : 'crash-after',
      at: 1 + spread(key, crashes.length),
    };
    trials.push({ faults: [...faults, second], site, siteAt, way: 'crash twice', key });
  }
  return trials;
}

function keyOf(title: string, way: string, { site, method }: Traced, siteAt: number): string {
  return `${commonSeed} ${title} ${way} ${site ?? method} ${siteAt}`;
}

/** Something to try, with how often its place was taken before. */
export interface Ranked<T> {
  readonly of: T;
  /** Among those of the same place; 0 is the first. */
  readonly siteRank: number;
}

/** Gives them in the order in which they are worth the most: each place once, then each place in each way, then all else. */
export function ranked<T extends Trial>(trials: readonly T[]): readonly Ranked<T>[] {
  const sites = new Map<string, number>();
  const pairs = new Map<string, number>();
  const next = (map: Map<string, number>, key: string): number => {
    const rank = map.get(key) ?? 0;
    map.set(key, rank + 1);
    return rank;
  };
  return trials
    .map((of) => ({ of, order: spread(of.key ?? '', 2 ** 31) }))
    .sort((a, b) => a.order - b.order)
    .map(({ of }) => {
      const site = of.site ?? 'elsewhere';
      return { of, pairRank: next(pairs, `${site} ${of.way}`), siteRank: next(sites, site) };
    })
    .sort((a, b) => a.pairRank - b.pairRank || a.siteRank - b.siteRank);
}

/**
 * Gives the trial aimed at its place: how many calls come before it is a matter of clocks and of mtimes, and may be another in
 * the next life. Dearer, because each call is asked where it comes from.
 */
export function aimed<T extends Trial>(trial: T): T {
  const [first, ...rest] = trial.faults;
  if (trial.site === undefined || trial.siteAt === undefined || !first || first.kind === 'none') return trial;
  return { ...trial, faults: [{ ...first, at: trial.siteAt, in: trial.site }, ...rest] };
}
