// What a wake concludes about every claimed UOW: protocol.md's table, row by row. Start-up, recovery and the normal end of a
// job are all this one rule.
//
//   record STATUS  started    result guardian boot  conclusion
//   yes    any     no         no     none     same  never ran: launch (again), same attempt
//   yes    any     no         no     none     other its `started` may have been lost with the power: interrupted; so it may have been
//                                                   if the file system was mounted anew
//   yes    any     withdrawn  -      -        any   never ran: back to its queue
//   yes    any     yes        no     alive    same  running
//   yes    any     yes        yes    -        any   ended: finish it, or back to its queue if it is to be tried again
//   yes    any     yes        no     none     same  guardian was killed: end the tree, interrupted
//   yes    any     yes        no     none     other the host restarted: interrupted
//
// The two rows without a record are the arrivals' (rules/intake.ts).
import type { Action } from '../../model/action.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ClaimSeen, Seen } from '../../model/seen.ts';
import { hooksDue } from '../hooks.ts';
import { outcomeOf } from '../outcome.ts';
import { retryAfter, stillRetry } from '../retry.ts';

/** How long a launcher that took a request may leave it lying before the monitor takes the attempt back. */
const startLimitMs = 30_000;

/** Gives what to do about every claim. */
export function recover(seen: Seen): readonly Action[] {
  const { trouble } = seen.machine;
  const mayLaunch = !trouble || seen.now >= trouble.until;
  return seen.claims.flatMap((claim) => ofClaim(claim, seen.now, mayLaunch));
}

function ofClaim(claim: ClaimSeen, now: number, mayLaunch: boolean): readonly Action[] {
  const { record, result } = claim;
  if (claim.isBusy) return [];
  if (claim.started === 'withdrawn' && claim.isEndAsked) {
    const outcome: Outcome = { word: 'fail', reason: { kind: 'killed' }, flags: [] };
    return [{ kind: 'finish', record, outcome, left: 0 }];
  }
  if (claim.started === 'withdrawn') {
    const back = { to: record.queue, attempts: record.attempt - 1, why: 'withdrawn' } as const;
    return [{ kind: 'return', record, back: stillRetry(record, back, now) }];
  }
  // One that has reached its destination is finished once more, which does what a crash left undone and nothing else.
  const isPlaced = claim.placed === 'there' || claim.isFinished;
  const restore: readonly Action[] = isPlaced ? [] : [{ kind: 'restore', record }];
  if (result) {
    if (!claim.hooking && needsLook(claim)) return [...restore, { kind: 'match', record }];
    const outcome = claim.hooking?.outcome ?? outcomeOf(claim, result);
    const { endedAt, left } = result;
    const began = result.why === 'expired' ? {} : { startedAt: result.startedAt };
    const back = claim.isEndAsked ? undefined : retryAfter(record, outcome, endedAt);
    const hooks = hooksDue(claim, outcome, { isLast: !back, now });
    if (hooks) return [...restore, ...hooks];
    if (back) return [...restore, { kind: 'return', record, back, ended: { outcome, ...began, endedAt, left } }];
    return [...restore, { kind: 'finish', record, outcome, ...began, endedAt, left }];
  }
  if (claim.started === 'yes' && claim.isGuardianAlive) {
    return claim.isEndAsked ? [...restore, { kind: 'end-job', record, why: 'killed' }] : restore;
  }
  if (claim.started === 'yes' || !claim.isSameBoot || !claim.isSameMount)
    return [...restore, ...interrupted(claim, now)];
  // Not started, no guardian, same boot and mount.
  if (claim.isEndAsked) return [...restore, { kind: 'withdraw', record }];
  if (claim.askedAt === undefined) return mayLaunch ? [...restore, { kind: 'launch', record }] : restore;
  if (now - claim.askedAt >= startLimitMs) return [...restore, { kind: 'withdraw', record }];
  return [...restore, { kind: 'look-again', at: claim.askedAt + startLimitMs }];
}

function needsLook(claim: ClaimSeen): boolean {
  const { errorWhen, failWhen } = claim.record.judging;
  const hasPattern = errorWhen !== undefined || failWhen !== undefined;
  return (hasPattern && claim.matched === undefined) || claim.resultFile === 'unread';
}

/** An attempt of which nobody can tell how it ended: never run again unless its UOW says that does no harm. */
function interrupted(claim: ClaimSeen, now: number): readonly Action[] {
  const { record } = claim;
  if (!claim.isTreeGone && !claim.hooking) return [{ kind: 'sweep', record }];
  const outcome: Outcome = { word: 'fail', reason: { kind: 'interrupted' }, flags: [] };
  const ended = { outcome, startedAt: record.claimedAt, left: 0 };
  const hooks = hooksDue(claim, outcome, { isLast: !record.judging.idempotent, now });
  if (hooks) return hooks;
  if (!record.judging.idempotent) return [{ kind: 'finish', record, ...ended }];
  const back = { to: record.queue, attempts: record.attempt, why: 'interrupted' } as const;
  return [{ kind: 'return', record, back: stillRetry(record, back, now), ended }];
}
