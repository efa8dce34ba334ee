// Asking the `when` of a UOW whether it may start: outside the wake, as the user and where its job would run.
import { defaultedHeader } from '../../model/defaulted-header.ts';
import { errnoOf } from '../../model/errno.ts';
import { join } from '../../model/paths.ts';
import { type RunId } from '../../model/run.ts';
import type { WaitingUow } from '../../model/seen.ts';
import { textFromStamp } from '../../model/stamp.ts';
import type { UowHead } from '../../model/uow.ts';
import type { Context } from '../context.ts';
import { readHead } from '../survey/read-uow.ts';
import { inBackground } from './ask.ts';
import { launchOf, noGroup } from './launch-of.ts';

/** So many are asked at once; who is asked last waits a little longer. */
const askedAtOnce = 8;
/** An answer that nobody looked at for this long is of a UOW that is gone. */
const keptMs = 3_600_000;
const asked = 'the when of ';

/** Asks, unless it is being asked or others are in front of it: the next wake, which each answer brings, asks again. */
export function askWhen(context: Context, uow: WaitingUow): void {
  const { machine, picture } = context;
  if ([...picture.asking].filter((what) => what.startsWith(asked)).length >= askedAtOnce) return;
  const stamp = textFromStamp(uow.stamp);
  inBackground(context, `${asked}${stamp}`, async () => {
    const { ok, text } = await answerOf(context, uow).catch((error: unknown) => {
      // What the disk refuses is asked again when the answer is old, not at each wake.
      if (errnoOf(error) === undefined) throw error;
      return { ok: false, text: String(error) };
    });
    const now = machine.clock.now();
    for (const [of, { at }] of picture.whenAnswers)
      if (now - at >= Math.max(keptMs, 2 * (uow.whenEveryMs ?? 0))) picture.whenAnswers.delete(of);
    const before = picture.whenAnswers.get(stamp);
    const last = text.trim().split('\n').at(-1) ?? '';
    picture.whenAnswers.set(stamp, { at: now, isOk: ok, text: last });
    picture.isNews ||= before?.isOk !== ok || before.text !== last;
  });
}

/** A UOW that cannot be launched is let through: its claim says why, and ends it. */
async function answerOf(context: Context, uow: WaitingUow): Promise<{ readonly ok: boolean; readonly text: string }> {
  const { machine, paths, picture, config } = context;
  const path = join(paths.queue[uow.queue], uow.name);
  const file = machine.files.stat(path);
  const parsed = file && readHead(machine.files, path, file.sizeBytes)?.parsed;
  if (!file || parsed?.kind !== 'uow') return { ok: false, text: 'it is gone' };
  const { header } = defaultedHeader(parsed.head.header, config, picture.jobTypes);
  const head = asking(parsed.head, header.text('when') ?? 'true');
  const attempt = { id: `${textFromStamp(uow.stamp)}.when` as RunId, number: uow.attempts + 1, retry: 0, token: '' };
  const of = launchOf(context, uow.name, head, { ...attempt, groupFor: () => noGroup, file });
  return of.fault === undefined ? machine.askProgram(of.launch) : { ok: true, text: '' };
}

/** Gives the head of a UOW whose job is the question. */
function asking(head: UowHead, question: string): UowHead {
  const kept = head.header.filter(({ name }) => !['command', 'job', 'stdin'].includes(name));
  return { ...head, header: [...kept, { name: 'command', content: question, line: 0 }] };
}
