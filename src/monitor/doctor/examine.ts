// The doctor: looks at a root and says every disagreement between what stands on disk, what runs, and what the two say of each
// other. The one checker of the program's promises: `sjq doctor` is it for people, the crash rigs are it for tests.
import { type Finding } from './finding.ts';
import { type FoundRoot, lookAtRoot, type Patient } from './found.ts';
import { historyAtOdds } from './history.ts';
import { intakeAtOdds } from './intake.ts';
import { placesAtOdds } from './places.ts';
import { runsAtOdds } from './runs.ts';
import { statusAtOdds } from './status.ts';

/** Compares what was found in one respect. */
export type Check = (found: FoundRoot) => readonly Finding[];

/** What the files of a root tell by themselves. */
export const fileChecks: readonly Check[] = [placesAtOdds, statusAtOdds, runsAtOdds, intakeAtOdds, historyAtOdds];

/** Looks once. */
export function examine(patient: Patient, checks: readonly Check[] = fileChecks): readonly Finding[] {
  const found = lookAtRoot(patient);
  return checks.flatMap((check) => check(found));
}
