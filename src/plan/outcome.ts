// From what the guardian reported to the outcome: the table of design.md section 3 in code.
import type { Outcome } from '../model/outcome.ts';
import type { Judging, RunResult } from '../model/run.ts';
import type { ClaimSeen } from '../model/seen.ts';
import type { StatusFlag, StatusReason } from '../model/status.ts';

// Signals that end a process unless it handles them; the others of 1 to 31 are ignored or stop it. @see signal(7)
const notTerminating = new Set([17, 18, 19, 20, 21, 22, 23, 28]);
const signalNames =
  ' HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** Gives the name of the terminating signal that a shell's exit code 128+n tells of; undefined for any other code. */
export function signalOfExit(code: number): string | undefined {
  const signal = code - 128;
  if (signal < 1 || signal > 64 || notTerminating.has(signal)) return undefined;
  return signalNames[signal] ?? (signal >= 34 ? `RTMIN+${signal - 34}` : `SIG${signal}`);
}

const expiredWords = { fail: 'fail', skip: 'skipped', trash: 'cancelled' } as const;

/** Gives the outcome of an attempt with a result. Patterns and the result file must have been looked at. */
export function outcomeOf(claim: ClaimSeen, result: RunResult): Outcome {
  const { judging } = claim.record;
  const lostLog = result.tee !== 0 && result.tee !== 'open';
  const flags: StatusFlag[] = lostLog ? ['log!'] : [];
  const ended = (word: Outcome['word'], reason: StatusReason): Outcome => ({ word, reason, flags });
  if (result.why === 'expired') return ended(expiredWords[judging.onExpire ?? 'fail'], { kind: 'expired' });
  if (result.why !== 'exit') return ended('fail', { kind: result.why });
  // A dead tee leaves the job a broken pipe: not the job's word.
  if (lostLog && result.tee !== 1 && signalOfExit(result.code) === 'PIPE') return ended('fail', { kind: 'log-lost' });
  return ofExit(claim, result.code, judging, ended);
}

function ofExit(
  claim: ClaimSeen,
  code: number,
  judging: Judging,
  ended: (word: Outcome['word'], reason: StatusReason) => Outcome,
): Outcome {
  const exit: StatusReason = { kind: 'exit', code };
  if (judging.failExit.includes(code)) return ended('fail', exit);
  const isDoneExit = code === 0 || judging.doneExit.includes(code);
  if (!isDoneExit) {
    if (code === 126 || code === 127) return ended('fail', { kind: 'cannot-start' });
    const signal = signalOfExit(code);
    if (signal !== undefined) return ended('fail', { kind: 'signal', signal });
  }
  if (claim.matched?.fail) return ended('fail', { kind: 'pattern' });
  if (!isDoneExit) return ended('error', exit);
  if (claim.matched?.error) return ended('error', { kind: 'pattern' });
  if (claim.resultFile === 'not-json') return ended('error', { kind: 'bad-result' });
  return ended('done', exit);
}
