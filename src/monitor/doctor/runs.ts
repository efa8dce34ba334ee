// The files of attempts in `.sjq` against each other and against their UOWs: a record and its second link come and go together,
// and tell of the attempt that STATUS tells of.
import { statusFromText } from '../../format/status-line.ts';
import { shownFromName } from '../../model/bytes.ts';
import { runPaths } from '../../model/paths.ts';
import { statusLineBytes } from '../../model/uow.ts';
import type { Finding } from './finding.ts';
import type { FoundRoot, FoundRun } from './found.ts';

/** Gives what is left of attempts, and what tells of another attempt than its record. */
export function runsAtOdds(found: FoundRoot): readonly Finding[] {
  return found.runs.flatMap((run) => {
    if (found.state === 'quiet') return leftBehind(run);
    return run.read && run.link ? numberAtOdds(found, run) : orphan(found, run);
  });
}

function leftBehind({ id, record, link, hasDirectory, hasNotes, hasHooks }: FoundRun): readonly Finding[] {
  const left = [
    ...(record ? [`runs/${id}.run`] : []),
    ...(hasDirectory ? [`runs/${id}`] : []),
    ...(link ? [`claimed/${id}.uow`] : []),
    ...(hasNotes ? [`claimed/${id}.notes`] : []),
    ...(hasHooks ? [`hooks/${id}`] : []),
  ];
  return left.map((path) => ({
    ...{ kind: 'left-behind', severity: 'fault', place: `.sjq/${path}` },
    ...{ text: 'is left of an attempt that is over', remedy: 'the monitor’s next start drops it' },
  }));
}

/** Half of an attempt: a crash came in the midst of a claim, or somebody’s hand into `.sjq`. */
function orphan({ state }: FoundRoot, run: FoundRun): readonly Finding[] {
  const { id, record, link, read, hasHooks, hasDirectory } = run;
  const other = hasHooks && !hasDirectory ? 'hooks' : 'runs';
  const place = record ? `.sjq/runs/${id}.run` : link ? `.sjq/claimed/${id}.uow` : `.sjq/${other}/${id}`;
  const isOnly = link?.links === 1;
  const lacks = link
    ? read
      ? ''
      : record
        ? 'its record is torn'
        : 'there is no record of it'
    : 'it has no second link';
  const text = `belongs to an attempt of which only a part is there: ${lacks}`;
  const kept = isOnly ? 'the UOW has no other name: it is kept in fail-q' : 'its UOW stands in its queue';
  const who = state === 'live' ? 'the monitor drops it at its next start' : 'a monitor’s start drops it, or --fix';
  return [
    {
      ...{ kind: 'orphan', severity: state === 'live' ? 'fault' : 'note', place, text },
      remedy: link ? `${who}; ${kept}` : who,
      ...(state !== 'live' && { mend: { kind: 'recover' } }),
    },
  ];
}

function numberAtOdds({ machine, paths }: FoundRoot, { id, read, link }: FoundRun): readonly Finding[] {
  if (!read || !link) return [];
  const { record } = read;
  const line = machine.files.read(runPaths(paths, id).uow, record.statusOffset, statusLineBytes);
  const status = line === undefined ? undefined : statusFromText(line);
  // A claim that is not through yet says `waiting`; what was edited in place has its STATUS elsewhere until the attempt ends.
  if (status?.word !== 'running' || status.attempt === record.attempt) return [];
  return [
    {
      ...{ kind: 'attempt-number', severity: 'fault', place: `.sjq/runs/${id}.run` },
      text: `is of attempt ${record.attempt}, and STATUS of ${shownFromName(record.name)} tells of ${status.attempt}`,
      remedy: 'the record is right: STATUS gets its number when the attempt has ended',
    },
  ];
}
