// The process table against `.sjq`: each attempt that runs has its guardian, and no process of an attempt that is over is alive.
import { shownFromName } from '../../model/bytes.ts';
import { Header } from '../../model/header.ts';
import { pickJobType } from '../../model/job-type.ts';
import type { ClaimSeen } from '../../model/seen.ts';
import { recover } from '../../plan/rules/recover.ts';
import type { JobGroup } from '../../system/cgroups.ts';
import type { JobProcess } from '../../system/processes.ts';
import { readControl } from '../apply/control.ts';
import { readJobTypes } from '../job-types.ts';
import { observe, observer } from '../observe.ts';
import { type Finding, placeOf } from './finding.ts';
import type { FoundFile, FoundRoot } from './found.ts';

/** Gives what a monitor's next wake concludes about the attempts that are not over, where somebody should know it. */
export function claimsAtOdds(found: FoundRoot): readonly Finding[] {
  const { state, config } = found;
  if (state === 'quiet') return [];
  const seen = observe(found, readControl(found));
  return seen.claims.flatMap((claim): readonly Finding[] => {
    const kinds = new Set(recover({ ...seen, claims: [claim] }).map(({ kind }) => kind));
    const text = kinds.has('sweep')
      ? 'its guardian was killed: what is left of its job is ended, and it is interrupted'
      : textOf(claim, kinds);
    // A monitor that lives sees to all of it within seconds.
    if (state === 'live' && !kinds.has('sweep')) return [];
    const { name, attempt } = claim.record;
    return [
      {
        ...{ kind: 'claimed', severity: 'note', place: placeOf(config, 'executing', name) },
        text: `attempt ${attempt}: ${text}`,
        remedy:
          state === 'live'
            ? 'the monitor does it at its next wake'
            : 'the next monitor goes on with it: sjq monitor, or sjq once',
      },
    ];
  });
}

function textOf(claim: ClaimSeen, kinds: ReadonlySet<string>): string {
  if (kinds.has('finish') || claim.result) return 'has ended, and waits to be moved to its queue';
  if (kinds.has('return')) return 'was taken back, and waits to be moved to its queue';
  if (kinds.has('launch')) return 'was claimed and has not begun';
  return 'runs; its output and exit code are kept';
}

/** Gives the processes that outlived their attempt, but for those that were meant to. */
export function straysAtOdds(found: FoundRoot): readonly Finding[] {
  const { machine, paths, runs } = found;
  const known = new Set(runs.flatMap(({ read }) => (read ? [read.record.token] : [])));
  const strays = new Map<string, JobProcess[]>();
  for (const job of machine.processes.jobsOf(paths.root)) {
    if (known.has(job.token)) continue;
    const siblings = strays.get(job.token);
    if (siblings) siblings.push(job);
    else strays.set(job.token, [job]);
  }
  return [...strays.values()].flatMap((jobs) => ofStrays(found, jobs));
}

function ofStrays(found: FoundRoot, jobs: readonly JobProcess[]): readonly Finding[] {
  const [first] = jobs;
  if (!first) return [];
  const file = found.files.find(({ name, head }) => head !== undefined && name === first.uow);
  if (file && mayLeave(found, file)) return [];
  const who = jobs.map(({ pid, program }) => `${pid} (${shownFromName(program)})`).join(', ');
  const text = `process ${who} was started by attempt ${first.attempt}, which is over`;
  if (!file) {
    // Whether it said `leftovers :: leave` nobody can tell any more.
    const remedy = 'its UOW is gone: end it yourself if it is not meant to go on';
    return [{ kind: 'stray-process', severity: 'note', place: shownFromName(first.uow), text, remedy }];
  }
  const place = placeOf(found.config, file.queue, file.name);
  if (runsWithoutRecord(file, first)) {
    const lost = `process ${who} is of attempt ${first.attempt}, which STATUS says runs, and there is no record of it in .sjq`;
    const remedy =
      'nobody will learn how it ended: at the monitor’s next start it is interrupted. End it yourself, or let it end first';
    return [{ kind: 'stray-process', severity: 'fault', place, text: lost, remedy }];
  }
  return [
    {
      ...{ kind: 'stray-process', severity: 'fault', place, text },
      remedy: 'it is ended (TERM, and KILL after the grace); with leftovers :: leave in the UOW it may stay',
      mend: { kind: 'end-tree', token: first.token },
    },
  ];
}

/** Somebody removed `.sjq` under it: it does its work all the same, and is not for us to end. */
function runsWithoutRecord({ queue, head }: FoundFile, { attempt }: JobProcess): boolean {
  const status = head?.status;
  return queue === 'executing' && status?.word === 'running' && String(status.attempt) === attempt;
}

/** True if its processes may outlive it, by its header, its job type or the settings. */
function mayLeave(found: FoundRoot, { head }: FoundFile): boolean {
  if (!head) return true;
  const { config } = found;
  const wanted = new Header(head.header).text('job');
  const types = wanted === undefined ? [] : readJobTypes(observer(found, { paused: false, finishing: false }));
  const picked = wanted === undefined ? undefined : pickJobType(types, wanted);
  const type = picked?.kind === 'job-type' ? picked.jobType : undefined;
  const layers = type ? [type.defaults, config.jobTypeDefaults[type.name] ?? {}] : [];
  return new Header(head.header, config.defaults, ...layers).text('leftovers') === 'leave';
}

/** Gives the control groups that belong to no attempt. */
export function groupsAtOdds({ runs }: FoundRoot, groups: readonly JobGroup[]): readonly Finding[] {
  const known = new Set<string>(runs.map(({ id }) => id));
  return groups
    .filter(({ id }) => !known.has(id))
    .map(({ dir, id, isPopulated }) => ({
      ...{ kind: 'control-group', severity: 'note', place: shownFromName(dir) },
      text: `is the control group of the attempt ${id}, which is over${isPopulated ? ': processes are in it' : ''}`,
      remedy: isPopulated ? 'with leftovers :: leave they may be; else end them' : 'an empty group: it is removed',
      ...(!isPopulated && { mend: { kind: 'remove-group', dir } }),
    }));
}
