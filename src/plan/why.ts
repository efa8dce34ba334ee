// Why a UOW waits and when it may start: the one source of the status, of `sjq show` and of `sjq why`. Asks the gates of the plan and
// decides nothing.
import type { Config } from '../model/config.ts';
import type { ParentSeen } from '../model/parents.ts';
import { type Arrival, type ClaimSeen, isUow, type Seen, type WaitingUow } from '../model/seen.ts';
import { shownTime } from '../model/zone.ts';
import type { GateView } from './gate.ts';
import { type Asked, askedGates, shutGate } from './gates/index.ts';
import { intake } from './rules/intake.ts';
import { afterBlocked, gateView, served } from './rules/promote.ts';

/** When a running attempt will be over, as far as that can be told. Epoch milliseconds. */
export type EndOf = (claim: ClaimSeen) => number | undefined;

/** All that the plan says of a UOW that waits. */
export interface Why {
  /** The one reason: that of the gate that decides, else its place in its queue. */
  readonly reason: string;
  /** The gate that decides; undefined if all are open. */
  readonly gate?: string;
  readonly gates: readonly Asked[];
  readonly place: string;
  /** Before that it does not start, if that is known. */
  readonly start?: EarliestStart;
}

/** `isEstimate`: it is made from when running jobs will be over. */
export interface EarliestStart {
  readonly at: number;
  readonly isEstimate: boolean;
}

/** What these say in a while nobody foretells: they ask the machine or a command, and the end of a ttl is told beside the start. */
const notForetold: readonly string[] = ['ready', 'procnames', 'when', 'expired'];

/** Gives why a UOW has not started: its own gate, or its place in the queue. */
export function whyWaiting(uow: WaitingUow, seen: Seen, config: Config): string {
  const { view, place } = standing(uow, seen, config);
  return shutGate(uow, view)?.reason ?? place;
}

/** Gives the same and what every gate says. */
export function explained(uow: WaitingUow, seen: Seen, config: Config, endOf: EndOf): Why {
  const { view, place } = standing(uow, seen, config);
  const gates = askedGates(uow, view);
  const deciding = gates.find(({ blocked }) => blocked);
  // Where nobody knows when all of them are open, when the one that decides is.
  const start =
    deciding &&
    (earliestStart(uow, { seen, config, endOf }) ?? earliestStart(uow, { seen, config, endOf, only: deciding.gate }));
  return {
    ...{ reason: deciding?.blocked?.reason ?? place, gates, place },
    ...(deciding && { gate: deciding.gate }),
    ...(start && { start }),
  };
}

/** Gives what waits in the order of service, and {@link whyWaiting}, which may be its place. Take only as many as are needed: each costs the same. */
export function* waitingWithWhy(
  seen: Seen,
  config: Config,
): Generator<{ readonly uow: WaitingUow; readonly why: string; readonly isPlace: boolean }> {
  let view = gateView(seen, config, []);
  for (const { uow, place } of inOrderOfService(seen, config)) {
    const shut = shutGate(uow, view);
    yield { uow, why: shut?.reason ?? place, isPlace: !shut };
    view = afterBlocked(view, uow, shut);
  }
}

/** Gives why a file is not taken in yet, and until when at the earliest; undefined if nothing keeps it but the wake that is to come. */
export function whyArriving(
  arrival: Arrival,
  seen: Seen,
  config: Config,
): { readonly text: string; readonly until?: number } | undefined {
  const about = intake({ ...seen, arrivals: [arrival] }, config).find(
    (action) => action.kind === 'ask-writers' || ('arrival' in action && action.arrival === arrival),
  );
  if (about?.kind === 'trash') return { text: `it goes to trash: ${about.why}` };
  if (about?.kind === 'ask-writers') return { text: 'it is young: whether somebody still writes it is being asked' };
  if (about?.kind !== 'leave') return undefined;
  const what = isUow(arrival) ? 'it may still be written' : 'it is no UOW, or half of one';
  return { text: `${what}: looked at again at ${shownTime(seen.zone, about.until, seen.now)}`, until: about.until };
}

/** Gives the view that the UOW is judged by, and its place among those that wait. */
function standing(uow: WaitingUow, seen: Seen, config: Config): { readonly view: GateView; readonly place: string } {
  let view = gateView(seen, config, []);
  for (const { uow: each, place } of inOrderOfService(seen, config)) {
    if (each.name === uow.name) return { view, place };
    view = afterBlocked(view, each, shutGate(each, view));
  }
  return { view, place: 'next in line' };
}

/** What tells when a UOW may start; with `only` that gate alone is asked. */
interface Outlook {
  readonly seen: Seen;
  readonly config: Config;
  readonly endOf: EndOf;
  readonly only?: string;
}

/**
 * Gives the first instant at which the gates would let the UOW pass, if the running jobs end when they are expected to and well; undefined
 * if none is known. Who stands before it is not reckoned with: it may be later. What the machine says is not foretold.
 */
function earliestStart(uow: WaitingUow, outlook: Outlook): EarliestStart | undefined {
  const { seen, endOf } = outlook;
  const ends = seen.claims.map((claim) => ({ claim, at: expectedEnd(claim, seen.now, endOf) }));
  for (let at = seen.now; ;) {
    const left = ends.filter((end) => end.at > at);
    const shut = shutAt(uow, outlook, { at, left: left.map(({ claim }) => claim) });
    if (shut.length === 0) {
      const isEstimate = shutAt(uow, outlook, { at, left: seen.claims }).length > 0;
      // Kept for somebody else, or a matter of the machine alone: nothing tells when.
      return at > seen.now || isEstimate ? { at, isEstimate } : undefined;
    }
    const opening = shut.map(({ blocked }) => blocked?.until ?? Infinity).filter((until) => until > at);
    const next = Math.min(...opening, ...left.map((end) => end.at));
    if (!Number.isFinite(next)) return undefined;
    at = next;
  }
}

/** Gives the gates that are shut at that time, while these run on. */
function shutAt(
  uow: WaitingUow,
  { seen, config, only }: Outlook,
  { at, left }: { readonly at: number; readonly left: readonly ClaimSeen[] },
): readonly Asked[] {
  const ended = new Set<string>(seen.claims.filter((each) => !left.includes(each)).map((each) => each.record.name));
  const asked = askedGates(withEnded(uow, ended), gateView({ ...seen, now: at, claims: left }, config, []));
  return asked.filter(({ gate, blocked }) => {
    if (blocked === undefined || (only !== undefined && gate !== only)) return false;
    return !notForetold.includes(gate);
  });
}

/** Of one that runs longer than was expected nobody knows. */
function expectedEnd(claim: ClaimSeen, now: number, endOf: EndOf): number {
  if (claim.result) return now;
  const at = endOf(claim) ?? Infinity;
  return at > now ? at : Infinity;
}

/** Gives the UOW as it would wait if those of these names had ended well. */
function withEnded(uow: WaitingUow, ended: ReadonlySet<string>): WaitingUow {
  if (!uow.parents) return uow;
  const parents = uow.parents.map((each): ParentSeen => {
    const isOver = each.state === 'waits' && ended.has(each.as ?? each.name);
    return isOver ? { ...each, state: 'done' } : each;
  });
  return { ...uow, parents };
}

function* inOrderOfService(
  seen: Seen,
  config: Config,
): Generator<{ readonly uow: WaitingUow; readonly place: string }> {
  let behindQueue: string | undefined;
  for (const queue of served) {
    let ahead = 0;
    for (const uow of seen.waiting[queue]) {
      yield { uow, place: behindQueue ?? placeBehind(ahead) };
      ahead += 1;
    }
    if (ahead > 0) behindQueue ??= `behind ${ahead} in ${config.queues[queue]}`;
  }
}

function placeBehind(ahead: number): string {
  if (ahead === 0) return 'next in line';
  return `behind ${ahead} other${ahead === 1 ? '' : 's'} in its queue`;
}
