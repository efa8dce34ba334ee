// What stands in `.sjq/intake` and `.sjq/inbox` and is in nobody's hands any more: originals whose taking-in was cut short, copies
// of them, UOWs of schedules and flows that are not in their queue yet, and notes on message files that are gone.
import { shownFromName } from '../../model/bytes.ts';
import { join } from '../../model/paths.ts';
import type { Finding } from './finding.ts';
import type { FoundRoot } from './found.ts';

/** Gives what a crash left of an intake, and of a message file. */
export function intakeAtOdds(found: FoundRoot): readonly Finding[] {
  const { machine, paths } = found;
  const namesIn = (dir: string): readonly string[] =>
    (machine.files.list(join(paths.intake, dir)) ?? []).map((name) => `${dir}/${shownFromName(name)}`);
  const originals = ['wait', 'priority', 'executing'].flatMap(namesIn);
  return [
    ...originals.map((place) => left(found, `intake/${place}`, 'was set aside to be taken in, and is not', putBack)),
    ...namesIn('new').map((place) => left(found, `intake/${place}`, 'is a copy that was not put in place', dropped)),
    ...halfMade(found),
    ...notesOfNobody(found).map((name) =>
      left(found, `inbox/${name}`, 'is a note on a message file that is gone', dropped),
    ),
  ];
}

const putBack = 'gets its name in its queue back';
const dropped = 'is dropped';

function left({ state }: FoundRoot, place: string, text: string, becomes: string): Finding {
  return {
    kind: 'left-behind',
    severity: state === 'stopped' ? 'note' : 'fault',
    ...{ place: `.sjq/${place}`, text },
    remedy: `at the monitor’s next start it ${becomes}${state === 'stopped' ? ', or with --fix' : ''}`,
    ...(state === 'stopped' && { mend: { kind: 'recover' } }),
  };
}

/** A UOW of a schedule or flow whose way into its queue was cut short. Only the monitor knows which of them are to go there. */
function halfMade({ machine, paths, state }: FoundRoot): readonly Finding[] {
  const dirs = [['firing', paths.firing, 'a schedule'] as const, ['flowing', paths.flowing, 'a flow'] as const];
  return dirs.flatMap(([dir, path, of]) =>
    (machine.files.list(path) ?? []).map((name) => ({
      ...({ kind: 'left-behind', severity: state === 'stopped' ? 'note' : 'fault' } as const),
      ...{
        place: `.sjq/${dir}/${shownFromName(name)}`,
        text: `is a UOW of ${of} that has not come whole into its queue`,
      },
      remedy: 'the monitor’s next start sees to it, and an earlier poll if the disk kept it from that',
    })),
  );
}

/** Of a message file on another file system the drawer stands beside it. */
function notesOfNobody({ machine, paths }: FoundRoot): readonly string[] {
  const { files } = machine;
  const names = files.list(paths.inbox) ?? [];
  const messageFile = files.realPath(paths.messagesIn) ?? paths.messagesIn;
  return names.filter((name) => {
    const number = /^(\d+)\.(acted|resolved)/.exec(name)?.[1];
    if (number === undefined || names.some((each) => each === number)) return false;
    return files.stat(`${messageFile}.sjq-${number}` as typeof messageFile) === undefined;
  });
}
