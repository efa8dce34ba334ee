// sjq doctor: what disagrees in a root, in plain words, with the remedy; with --fix it is mended. Beside a monitor that lives only
// what is safe there; without one the root is locked meanwhile.
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import type { Notice } from '../../model/notice.ts';
import { join, rootPaths } from '../../model/paths.ts';
import { textFromInstantMs } from '../../model/time.ts';
import { readControl } from '../../monitor/apply/control.ts';
import { allChecks, type Check, diagnose, type Diagnosis } from '../../monitor/doctor/examine.ts';
import type { Finding } from '../../monitor/doctor/finding.ts';
import type { RootState } from '../../monitor/doctor/found.ts';
import { mendAll } from '../../monitor/doctor/mend.ts';
import { groupsAtOdds } from '../../monitor/doctor/processes.ts';
import type { Machine } from '../../monitor/machine.ts';
import { observer } from '../../monitor/observe.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { createSays } from '../../monitor/report/says.ts';
import { readHolder } from '../../monitor/root.ts';
import { jobGroupsOf } from '../../system/cgroups.ts';
import { isRootLocked, lockRoot } from '../../system/lock.ts';
import { version } from '../version.ts';

/** What the doctor came to. */
export interface Report {
  readonly root: Bytes;
  readonly at: number;
  readonly state: RootState;
  /** What was mended, or could not be, in words. */
  readonly mended: readonly string[];
  /** What is left. */
  readonly diagnosis: Diagnosis;
}

/** Examines the root; with `isToFix` mends what it can and examines it again. @throws SjqError `not-permitted` */
export async function doctor(root: Bytes, isToFix: boolean): Promise<Report> {
  const machine = realMachine();
  if (!isToFix) return examined(machine, root);
  requireMonitorsUser(machine, root);
  const lock = await lockRoot(root);
  if (lock.kind === 'busy') return mended(machine, root, 'live');
  try {
    return await mended(machine, root, 'stopped');
  } finally {
    lock.release();
  }
}

/** What another user mends, root too, may be closed to the monitor afterwards. @throws SjqError `not-permitted` */
function requireMonitorsUser({ files, host }: Machine, root: Bytes): void {
  const owner = files.stat(join(root, '.sjq'))?.uid ?? host.uid;
  if (owner === host.uid) return;
  const message = `the monitor of ${shownFromName(root)} is run by ${host.userName(owner)}: run sjq doctor --fix as that user`;
  throw new SjqError('not-permitted', message);
}

/** Without the lock: a monitor that starts must not be kept from it, so its start is noticed afterwards. */
async function examined(machine: Machine, root: Bytes): Promise<Report> {
  const state = (await isRootLocked(root)) ? 'live' : 'stopped';
  const diagnosis = await diagnosed(machine, root, state);
  if (state === 'stopped' && diagnosis.findings.length > 0 && (await isRootLocked(root)))
    return examined(machine, root);
  return { root, at: machine.clock.now(), state, mended: [], diagnosis };
}

async function mended(machine: Machine, root: Bytes, state: RootState): Promise<Report> {
  const { findings } = await diagnosed(machine, root, state);
  const config = readConfig(machine.files, root);
  const paths = rootPaths(root, config);
  const parts = { machine, paths, config };
  const says = createSays(machine, machine.files.realPath(paths.messagesOut) ?? paths.messagesOut, () => undefined);
  const texts: string[] = [];
  const context = { ...observer(parts, readControl(parts)), version, say: (notice: Notice) => says.say(notice) };
  await mendAll(context, findings, (text) => {
    texts.push(text);
    says.say({ event: 'attention', text: `sjq doctor: ${text}` });
  });
  says.flush();
  return { root, at: machine.clock.now(), state, mended: texts, diagnosis: await diagnosed(machine, root, state) };
}

async function diagnosed(machine: Machine, root: Bytes, state: RootState): Promise<Diagnosis> {
  const config = readConfig(machine.files, root);
  const holder = readHolder(machine.files, root);
  const ofGroups: Check = (found) =>
    state === 'live' && holder?.host === machine.host.name ? groupsAtOdds(found, jobGroupsOf(holder.pid)) : [];
  return diagnose({ machine, config, paths: rootPaths(root, config), state }, [...allChecks, ofGroups]);
}

/** Gives the exit code: 1 if something is wrong. What is only to be known does not count. */
export function exitCodeFromReport({ diagnosis }: Report): number {
  return diagnosis.findings.some(({ severity }) => severity === 'fault') ? 1 : 0;
}

/** Gives the lines for people. */
export function textFromReport({ mended: texts, diagnosis, state }: Report): string {
  const { findings, found } = diagnosis;
  const lines = texts.map((text) => `mended  ${text}`);
  for (const { severity, place, text, remedy, mend } of findings) {
    lines.push(`${severity.padEnd(6)}  ${place}: ${text}`, `        ${remedy}${mend ? ' (--fix does it)' : ''}`);
  }
  const count = (of: Finding['severity']): number => findings.filter(({ severity }) => severity === of).length;
  const faults = count('fault');
  const fixable = findings.filter(({ mend, severity }) => mend && severity === 'fault').length;
  const verdict = faults === 0 ? 'nothing is wrong' : `${counted(faults, 'thing is', 'things are')} wrong`;
  const byFix = fixable === 0 ? '' : fixable === faults ? ', --fix mends it' : `, --fix mends ${fixable} of them`;
  const notes = count('note');
  const looked = [
    counted(found.files.length, 'file', 'files'),
    counted(found.runs.length, 'attempt in progress', 'attempts in progress'),
    counted(found.history.linesCount, 'line of history', 'lines of history'),
    state === 'live' ? 'a monitor serves' : 'no monitor runs',
  ];
  const noted = notes > 0 ? `, ${counted(notes, 'note', 'notes')}` : '';
  return `${[...lines, `${verdict}${byFix}${noted} (${looked.join(', ')})`].join('\n')}\n`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Gives all of it as one JSON document. */
export function jsonFromReport({ root, at, state, mended: texts, diagnosis }: Report): string {
  const { findings, found } = diagnosis;
  const document = {
    schema: 'sjq.doctor/1',
    at: textFromInstantMs(at),
    root: shownFromName(root),
    monitor: state === 'live' ? 'serving' : 'not-running',
    looked_at: {
      files: found.files.length,
      attempts: found.runs.length,
      history_lines: found.history.linesCount,
    },
    mended: texts,
    findings: findings.map(({ kind, severity, place, text, remedy, mend }) => ({
      ...{ kind, severity, place, text, remedy, fixable: mend !== undefined },
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
