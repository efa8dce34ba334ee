// Each UOW once: one file by one name, one file for each stamp, one name in one queue.
import { shownFromName } from '../../model/bytes.ts';
import { queueKinds } from '../../model/queue.ts';
import { type Finding, type Mend, placeOf } from './finding.ts';
import { type FoundFile, type FoundRoot, isMonitorsAffair } from './found.ts';
import { isWordOf } from './status.ts';

/** Gives what stands twice. */
export function placesAtOdds(found: FoundRoot): readonly Finding[] {
  return [...secondNames(found), ...secondFiles(found), ...takenNames(found)];
}

/** A crash in a move leaves two names of one file. Its name is the one in the queue that STATUS tells of, else the later stage's. */
function secondNames(found: FoundRoot): readonly Finding[] {
  const { config, claimed, state } = found;
  return groupsOf(found.files, ({ stat }) => (stat.links > 1 && stat.kind === 'file' ? stat.ino : undefined)).flatMap(
    (names): readonly Finding[] => {
      const [kept, ...others] = [...names].sort((a, b) => agreement(b) - agreement(a) || stageOf(b) - stageOf(a));
      if (!kept) return [];
      // On its way between two queues, or next in the monitor's hands.
      if (state !== 'quiet' && (claimed.has(kept.stat.ino) || names.some((name) => isMonitorsAffair(found, name))))
        return [];
      return others.map((other) => ({
        kind: 'two-names',
        severity: 'fault',
        place: placeOf(config, other.queue, other.name),
        text: `is the same file as ${placeOf(config, kept.queue, kept.name)}: a UOW has one name`,
        remedy: 'that name is kept, this one goes; no content is lost',
        ...(state !== 'live' &&
          kept.queue !== 'trash' && {
            mend: { kind: 'drop-name', path: other.path, ino: other.stat.ino, kept: kept.path } satisfies Mend,
          }),
      }));
    },
  );
}

/** In trash there are old copies of what was edited while it ran. */
function secondFiles(found: FoundRoot): readonly Finding[] {
  const { config } = found;
  const stamped = found.files.filter((file) => file.queue !== 'trash' && !isUntaken(found, file));
  return groupsOf(stamped, ({ stamp }) => stamp).flatMap((files) => {
    const byInode = groupsOf(files, ({ stat }) => stat.ino, 1).flatMap(([one]) => (one ? [one] : []));
    const [first, ...others] = byInode;
    if (!first) return [];
    return others.map((other) => ({
      kind: 'two-files',
      severity: 'fault',
      place: placeOf(config, other.queue, other.name),
      text: `has the stamp ${other.stamp ?? ''}, which ${placeOf(config, first.queue, first.name)} has too: one of them is a copy`,
      remedy: 'compare them and move the one that is not wanted to trash, or delete line 1 of a copy that is to run',
    }));
  });
}

function takenNames(found: FoundRoot): readonly Finding[] {
  const { config, state, claimed } = found;
  const named = found.files.filter((file) => file.queue !== 'trash' && !isUntaken(found, file));
  return groupsOf(named, ({ name }) => name).flatMap((files): readonly Finding[] => {
    const [kept, ...others] = [...files].sort((a, b) => stageOf(b) - stageOf(a));
    if (!kept) return [];
    return others
      .filter(({ stat }) => stat.ino !== kept.stat.ino)
      .map((other) => ({
        kind: 'name-twice',
        severity: 'fault',
        place: placeOf(config, other.queue, other.name),
        text: `another UOW named ${shownFromName(other.name)} stands in ${placeOf(config, kept.queue, kept.name)}: a name is given once`,
        remedy: `it gets the next free name, such as ${shownFromName(other.name)}~2`,
        ...(state !== 'live' &&
          other.queue !== 'flows' &&
          !claimed.has(other.stat.ino) && {
            mend: { kind: 'rename', queue: other.queue, name: other.name, ino: other.stat.ino } satisfies Mend,
          }),
      }));
  });
}

/** What a person has just put there, and the monitor has yet to take in: it gets a name and a stamp of its own then. */
function isUntaken(found: FoundRoot, file: FoundFile): boolean {
  if (!isMonitorsAffair(found, file) || found.claimed.has(file.stat.ino)) return false;
  return file.stamp === undefined || file.head?.status?.word !== 'waiting';
}

function agreement({ queue, head }: FoundFile): number {
  return head?.status && isWordOf(queue, head.status.word) ? 1 : 0;
}

function stageOf({ queue, name }: FoundFile): number {
  const stage = queue === 'flows' ? queueKinds.length : queueKinds.indexOf(queue);
  // In the same queue it is the one made unique that stays.
  return stage + (/~\d+$/.test(name) ? 0.5 : 0);
}

/** Gives the groups of at least `atLeast` (two) that have the same key; what has none is left out. */
function groupsOf<T>(
  all: readonly T[],
  keyOf: (one: T) => string | number | undefined,
  atLeast: number = 2,
): readonly (readonly T[])[] {
  const groups = new Map<string | number, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()].filter((group) => group.length >= atLeast);
}
