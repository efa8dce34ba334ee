// A gate: one reason why a UOW does not start yet. The gates of a UOW are asked in the order of gates/index.ts; the first that
// is shut gives the reason that `sjq why` and the status show.
import type { Action } from '../model/action.ts';
import type { Config } from '../model/config.ts';
import type { StartKey } from '../model/rate.ts';
import type { Seen, WaitingUow } from '../model/seen.ts';
import type { Groups } from './groups.ts';
import type { Resources } from './resources.ts';

/** Why a UOW may not start, and what that means for those behind it. */
export interface Blocked {
  readonly gate: string;
  /** The reason for people: `all 2 slots are taken`. */
  readonly reason: string;
  /**
   * What it waits for will be free for everybody at once, so nobody behind it may go first: a slot, the machine, a foreign
   * process. False for a hold or a time, which let others pass.
   */
  readonly holdsOthers: boolean;
  /** What it needs is kept for it: others pass only if they need nothing of that, and nobody from a queue behind its own. */
  readonly keepsNeeds?: true;
  /** Others of its group stand behind it. */
  readonly keepsGroup?: true;
  /** Others whose rate counts the same starts stand behind it. */
  readonly keepsRates?: readonly StartKey[];
  /** When to look again, epoch milliseconds, if that is known. */
  readonly until?: number;
  /** What must be found out before the gate can say. */
  readonly ask?: Extract<Action, { kind: 'ask' }>['what'] | 'when';
}

/** What a gate may look at. `freeSlots` and `resources` count down as the plan claims. */
export interface GateView {
  readonly seen: Seen;
  readonly config: Config;
  readonly slots: number;
  readonly freeSlots: number;
  readonly resources: Resources;
  readonly groups: Groups;
  /** How many this plan starts of each key that rates may count. */
  readonly startedNow: ReadonlyMap<StartKey, number>;
  /** For whose starts somebody in front waits: nobody behind gets any. */
  readonly ratesKept: ReadonlySet<StartKey>;
  /** How many UOWs of each array run, or are claimed by this plan. */
  readonly arrays: ReadonlyMap<string, number>;
  /** The schedules of which this plan claims a UOW. */
  readonly starting: ReadonlySet<string>;
}

/** Gives why the UOW may not start, or undefined if this gate is open. Pure. */
export type Gate = (uow: WaitingUow, view: GateView) => Blocked | undefined;
