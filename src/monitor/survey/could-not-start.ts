// Which jobs could not start, since the last one that did: what the monitor suspends itself by. In memory: the suspension outlives a
// restart, the count begins anew.
import { parseUow } from '../../format/uow-parse.ts';
import { Header } from '../../model/header.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { UowName } from '../../model/uow.ts';
import type { Picture } from './picture.ts';
import type { RunState } from './run-state.ts';

/** By what tells different jobs apart: hundreds of UOWs of one mistyped program are one. */
export interface NotStarted {
  readonly jobs: Map<string, UowName>;
  /** How many launchers in a row ended at once. */
  launchers: number;
}

/** Gives none. */
export function noneNotStarted(): NotStarted {
  return { jobs: new Map(), launchers: 0 };
}

/** What came of an attempt that was to start: with an outcome it has ended, without it was taken back because nothing started it. */
export function noteStartOf({ notStarted }: Picture, run: RunState, outcome: Outcome | undefined): void {
  const kind = outcome?.reason.kind;
  if (kind === 'cannot-start' || outcome === undefined) {
    // What the monitor itself refused says something of a header, or a parent, and nothing of the machine; whether it refused one of an
    // earlier life, nobody knows.
    if (!run.isRefused && !run.isRecovered && (outcome || run.askedAt !== undefined))
      notStarted.jobs.set(jobKeyOf(run), run.record.name);
  } else if (kind !== 'expired' && kind !== 'interrupted') {
    notStarted.jobs.clear();
    notStarted.launchers = 0;
  }
}

/** Forgets them: a person said RESUME. */
export function forgetNotStarted({ notStarted }: Picture): void {
  notStarted.jobs.clear();
  notStarted.launchers = 0;
}

/** Gives the job type, or the program and where it was to run. */
function jobKeyOf({ record: { head, jobType, launch } }: RunState): string {
  const parsed = parseUow(head);
  const header = parsed.kind === 'uow' ? new Header(parsed.head.header) : undefined;
  const type = jobType ?? header?.text('job');
  if (type !== undefined) return `job ${type.replace(/@.*$/, '')}`;
  const words = (header?.all('command')[0] ?? '').trim().split(/\s+/);
  const program = words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? '';
  return `${header?.text('directory') ?? launch.directory} ${program}`;
}
