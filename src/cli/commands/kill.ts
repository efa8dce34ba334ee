// sjq kill [NAME]: asks the monitor to end a running job with all its processes.
import { type Bytes, shownFromName } from '../../model/bytes.ts';
import { exitCodeOf, SjqError } from '../../model/errors.ts';
import { realFiles } from '../../system/files.ts';
import { isRootLocked } from '../../system/lock.ts';
import { answerTo, appendMessage } from '../ask-monitor.ts';
import { createChanges } from '../uow/changes.ts';
import { existingUow } from '../uow/find-uow.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { writeOut } from '../out.ts';
import { Pursuit } from '../uow/pursuit.ts';
import { untilEnded } from '../uow/until-ended.ts';
import { textFromEnded } from '../uow/words.ts';

/** Asks, prints the answer and gives the exit code; with `waits`, once the job has ended. @throws SjqError `not-running`, `no-such-uow` */
export async function kill(
  root: OpenedRoot,
  name: Bytes | undefined,
  { waits }: { readonly waits: boolean },
): Promise<number> {
  if (name !== undefined) existingUow(root.paths, name);
  if (!(await isRootLocked(root.root)))
    throw new SjqError(
      'not-running',
      `no monitor runs on ${shownFromName(root.root)}: start one, it takes over what runs`,
    );
  // Which one is meant must be known before it ends: behind the answer nobody tells.
  const running = waits ? (name === undefined ? runningNames(root) : [name]) : [];
  const pursuits = running.map((each) => new Pursuit(root, each));
  for (const pursuit of pursuits) pursuit.look();
  const sent = appendMessage(root, name === undefined ? 'KILL JOB' : `KILL JOB ${shownFromName(name)}`);
  const answer = await answerTo(root, sent);
  if (answer.kind === 'unheard')
    throw new SjqError('not-running', 'the monitor has ended: the message is acted upon when one starts');
  await writeOut(answer.texts.map((text) => `${text}\n`).join(''));
  if (answer.isRefused) return exitCodeOf.no;
  for (const pursuit of pursuits) {
    const changes = createChanges(root.paths, new Set([pursuit.name]));
    try {
      const last = await untilEnded(pursuit, changes, async () => undefined);
      if (last) await writeOut(`${shownFromName(pursuit.name)} ${textFromEnded(last.ended)}\n`);
    } finally {
      changes.close();
      pursuit.close();
    }
  }
  return 0;
}

/** Without a name the monitor ends a job only if it is the only one. */
function runningNames(root: OpenedRoot): readonly Bytes[] {
  const names = realFiles.list(root.paths.queue.executing) ?? [];
  return names.filter((name) => {
    const pursuit = new Pursuit(root, name);
    try {
      return pursuit.look().state.kind === 'running';
    } finally {
      pursuit.close();
    }
  });
}
