// The directories of a root: one that is gone is no error of any file in it, and all the more to be said, for what was dropped there
// is neither seen nor missed.
import { queueKinds } from '../../model/queue.ts';
import type { Finding } from './finding.ts';
import type { Patient } from './found.ts';

/** Gives the directories that are not there, or are something else. One that is a symlink to a directory is there. */
export function directoriesAtOdds({ machine, paths, config, state }: Patient): readonly Finding[] {
  const { files } = machine;
  const dirs = [
    ...queueKinds.map((queue) => [config.queues[queue], paths.queue[queue]] as const),
    ...([
      ['schedules', paths.schedules],
      ['flows', paths.flows],
      [config.jobTypesDir, paths.jobTypes],
    ] as const),
  ];
  const findings: Finding[] = [];
  for (const [place, path] of dirs) {
    if (files.stat(files.realPath(path) ?? path)?.kind === 'directory') continue;
    const is = files.stat(path)?.kind;
    if (is === undefined)
      findings.push({
        ...{ kind: 'directory', severity: 'fault', place, text: 'is gone: what belongs there is not seen' },
        remedy: 'put it back if it was moved; else an empty one is made',
        mend: { kind: 'make-directory', path, mode: 0o755 },
      });
    else
      findings.push({
        ...{ kind: 'directory', severity: 'fault', place },
        text: is === 'symlink' ? 'is a symbolic link that leads to no directory' : 'is no directory',
        remedy: 'put the directory back, or take this away: sjq doctor --fix makes an empty one then',
      });
  }
  if (state === 'stopped' && files.stat(paths.own) === undefined)
    findings.push({
      ...{ kind: 'directory', severity: 'note', place: '.sjq' },
      text: 'is not there: no monitor served this root yet, or somebody removed it',
      remedy: 'the monitor’s next start makes it; what ran without it is interrupted',
    });
  return findings;
}
