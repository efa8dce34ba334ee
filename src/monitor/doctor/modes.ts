// Who may write to a root: whoever can runs commands as the monitor's user. And whether `.sjq` is still as closed as it was made.
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { FileStat } from '../../system/files.ts';
import { ownDirectories } from '../root.ts';
import type { Finding } from './finding.ts';
import type { Patient } from './found.ts';

const othersMayWrite = 0o002;
const groupMayWrite = 0o020;
const permissions = 0o777;
const sticky = 0o1000;

/** Gives what is open to more people than it should be. Some thirty looks: cheap enough for the start of a monitor. */
export function modesAtOdds(patient: Patient): readonly Finding[] {
  return [...whatPeopleWrite(patient).flatMap((path) => ofShared(patient, path)), ...ofOwn(patient)];
}

/** What decides which commands run, or how. */
function whatPeopleWrite({ machine, paths }: Patient): readonly Bytes[] {
  const { root, jobTypes } = paths;
  const queues = queueKinds.map((queue) => paths.queue[queue]);
  const types = (machine.files.list(jobTypes) ?? []).map((name) => join(jobTypes, name));
  return [root, paths.config, ...queues, paths.schedules, paths.flows, paths.messagesIn, jobTypes, ...types];
}

function ofShared(patient: Patient, path: Bytes): readonly Finding[] {
  const { machine, paths } = patient;
  const real = machine.files.realPath(path);
  const stat = real === undefined ? undefined : machine.files.stat(real);
  if (!stat || real === undefined || (stat.kind !== 'file' && stat.kind !== 'directory')) return [];
  const place = shownBelow(paths.root, path);
  const mode = octal(stat.mode);
  const user = machine.host.userName(machine.files.stat(paths.own)?.uid ?? machine.host.uid);
  if ((stat.mode & othersMayWrite) !== 0 && !isSharedByOwners(patient, path, stat)) {
    return [
      {
        ...{ kind: 'mode', severity: 'fault', place },
        text: `everybody on this machine may write to it (${mode}), and so run commands as ${user}`,
        remedy: 'others lose the right to write; give it to a group instead',
        mend: { kind: 'set-mode', path: real, mode: stat.mode & ~othersMayWrite },
      },
    ];
  }
  if ((stat.mode & groupMayWrite) === 0 || isGroupOfOwner(patient, stat)) return [];
  return [
    {
      ...{ kind: 'mode', severity: 'note', place },
      text: `the group ${stat.gid} may write to it (${mode}), and so run commands as ${user}`,
      remedy: 'if that is not meant: chmod g-w',
    },
  ];
}

/** With `run_as: owner` everybody may drop, as himself; the sticky bit keeps one from renaming what another dropped. */
function isSharedByOwners({ config, paths }: Patient, path: Bytes, { mode }: FileStat): boolean {
  const isDrop = path === paths.queue.wait || path === paths.queue.priority;
  return config.runAs === 'owner' && isDrop && (mode & sticky) !== 0;
}

/** A user's own group, which he is alone in, is the user. */
function isGroupOfOwner({ machine }: Patient, { uid, gid }: FileStat): boolean {
  const { host } = machine;
  return gid === (uid === host.uid ? host.user.gid : host.findUser(host.userName(uid))?.gid);
}

function ofOwn({ machine, paths }: Patient): readonly Finding[] {
  const { files, host } = machine;
  const owner = files.stat(paths.own)?.uid;
  if (owner === undefined) return [];
  const made = ownDirectories(paths);
  const records = (files.list(paths.runs) ?? []).filter((name) => name.endsWith('.run'));
  // A record holds a job's environment, and its first line is how the job ended.
  const closed = records.map((name) => [join(paths.runs, name), 0o600] as const);
  const others = [paths.monitor, paths.control, paths.launcherLog].map((path) => [path, permissions] as const);
  const findings: Finding[] = [];
  for (const [path, mode] of [...made, ...closed, ...others]) {
    const stat = files.stat(path);
    if (!stat) continue;
    const place = shownBelow(paths.root, path);
    if ((stat.mode & permissions & ~mode) !== 0) {
      findings.push({
        ...{ kind: 'mode', severity: 'fault', place },
        text: `is open wider (${octal(stat.mode)}) than the monitor made it (${octal(mode)})`,
        remedy: 'it gets its mode back: what stands there tells of all jobs',
        mend: { kind: 'set-mode', path, mode: stat.mode & (mode | ~permissions) },
      });
    }
    if (stat.uid !== owner) {
      findings.push({
        ...{ kind: 'owner', severity: 'fault', place },
        text: `belongs to ${host.userName(stat.uid)}, and .sjq to ${host.userName(owner)}: the monitor may be refused there`,
        remedy: `run the monitor as one user only; as root: chown ${host.userName(owner)} on it`,
      });
    }
  }
  return findings;
}

function octal(mode: number): string {
  return `0${(mode & permissions).toString(8)}`;
}

function shownBelow(root: Bytes, path: Bytes): string {
  if (path === root) return '.';
  return shownFromName(path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
}
