// The doctor: looks at a root and says every disagreement between what stands on disk, what runs, and what the two say of each
// other. The one checker of the program's promises: `sjq doctor` is it for people, the crash rigs are it for tests.
import { directoriesAtOdds } from './directories.ts';
import { fileSystemAtOdds } from './file-system.ts';
import { type Finding, keyOfFinding } from './finding.ts';
import { type FoundRoot, lookAtRoot, type Patient } from './found.ts';
import { historyAtOdds } from './history.ts';
import { intakeAtOdds } from './intake.ts';
import { modesAtOdds } from './modes.ts';
import { placesAtOdds } from './places.ts';
import { claimsAtOdds, straysAtOdds } from './processes.ts';
import { runsAtOdds } from './runs.ts';
import { statusAtOdds } from './status.ts';

/** Compares what was found in one respect. */
export type Check = (found: FoundRoot) => readonly Finding[];

/** What the files of a root tell by themselves. */
export const fileChecks: readonly Check[] = [placesAtOdds, statusAtOdds, runsAtOdds, intakeAtOdds, historyAtOdds];
/** All but what somebody must say where to look for. */
export const allChecks: readonly Check[] = [
  ...fileChecks,
  claimsAtOdds,
  straysAtOdds,
  modesAtOdds,
  fileSystemAtOdds,
  directoriesAtOdds,
];

/** What a look came to. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly found: FoundRoot;
}

/** Looks once. */
export function examine(patient: Patient, checks: readonly Check[]): Diagnosis {
  const found = lookAtRoot(patient);
  return { findings: checks.flatMap((check) => check(found)), found };
}

/** On a root that lives what is on the move is looked at again after these times. */
const pausesMs = [200, 800, 2000] as const;

/**
 * Looks, and where a monitor is at work believes only what still stands after three more looks: all that it moves is seen in
 * between once, and none of it for seconds.
 */
export async function diagnose(patient: Patient, checks: readonly Check[] = allChecks): Promise<Diagnosis> {
  let { findings, found } = examine(patient, checks);
  if (patient.state !== 'live') return { findings, found };
  for (const pauseMs of pausesMs) {
    if (findings.length === 0) break;
    await new Promise<void>((resolve) => void patient.machine.clock.after(pauseMs, resolve));
    const again = examine(patient, checks);
    const still = new Set(again.findings.map(keyOfFinding));
    findings = findings.filter((finding) => still.has(keyOfFinding(finding)));
    ({ found } = again);
  }
  return { findings, found };
}
