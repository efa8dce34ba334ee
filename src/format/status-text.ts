// status.txt and `sjq status`: a table a person reads in a terminal. Plain text, no colours.
import { shownFromName } from '../model/bytes.ts';
import { textFromEstimate } from '../model/estimate.ts';
import { needLook, type Posted, type PostedEnded, type Progress, type QueueState } from '../model/posted.ts';
import { queueKinds } from '../model/queue.ts';
import { textFromDurationMs, textFromInstant } from '../model/time.ts';

/** So many of what ended are shown: it is the end of the text, and stands where the eye is. */
const shownEnded = 10;

const words: Readonly<Record<QueueState, string>> = {
  ...{ serving: 'serving', paused: 'paused', finishing: 'finishing', 'not-running': 'no monitor runs' },
};

/** Gives the text: one line for the monitor, the counts, what runs, what waits and why, flows, what ended last. */
export function textFromPosted(posted: Posted): string {
  const { at, state, slots, slotsTaken, queues } = posted;
  const ofSlots = `${slotsTaken} of ${slots} slot${slots === 1 ? '' : 's'} taken`;
  const counts = queueKinds.map((queue) => `${queues[queue].dir} ${queues[queue].count}`);
  const because = posted.suspended !== undefined && state === 'paused' ? ` by itself: ${posted.suspended}` : '';
  const lines = [`${words[state]}${because}   ${ofSlots}   ${textFromInstant(at)}`, '', counts.join('   ')];
  const rows = [...runningRows(posted), ...waitingRows(posted)];
  if (rows.length > 0) lines.push('', ...table([['STATE', 'NAME', 'QUEUE', 'TIME', 'WHY'], ...rows]));
  const more = posted.waitingTotal - posted.waiting.length;
  if (more > 0) lines.push(`… and ${more} more`);
  return [...lines, ...flowLines(posted), ...endedLines(posted)].join('\n') + '\n';
}

function runningRows({ running, at }: Posted): readonly Row[] {
  return running.map(({ state, name, attempt, since, progress, estimate }) => {
    const left = estimate && state === 'running' ? textFromEstimate(estimate, at) : '';
    const told = [textFromProgress(progress), left].filter((part) => part !== '').join(', ');
    return [state, shownFromName(name), `#${attempt}`, textFromDurationMs(at - since), told];
  });
}

/** Gives what a job said of its progress: `40% copying`. */
export function textFromProgress({ percent, note = '' }: Progress = {}): string {
  return [percent === undefined ? '' : `${percent}%`, note].filter((part) => part !== '').join(' ');
}

function waitingRows({ waiting, queues, at }: Posted): readonly Row[] {
  return waiting.map(({ name, queue, priority, enqueuedAt, why }) => {
    const { dir } = queues[queue];
    const place = priority === 0 ? dir : `${dir} ${priority}`;
    return ['waiting', shownFromName(name), place, textFromDurationMs(at - enqueuedAt), why];
  });
}

function flowLines({ flows, flowsTotal, at }: Posted): readonly string[] {
  if (flows.length === 0) return [];
  const rows = flows.map(({ name, state, done, of, since }): Row => [
    ...[state, shownFromName(name), `${done} of ${of}`, textFromDurationMs(at - since)],
  ]);
  const more = flowsTotal - flows.length;
  return ['', ...table([['FLOW', 'NAME', 'DONE', 'SINCE'], ...rows]), ...(more > 0 ? [`… and ${more} more`] : [])];
}

function endedLines(posted: Posted): readonly string[] {
  const { ended, queues } = posted;
  if (ended.length === 0) return [];
  const look = new Set(needLook(posted));
  const rows = ended.slice(0, shownEnded).map((each): Row => {
    const { name, attempt, endedAt, durationMs, queue } = each;
    const took = durationMs === undefined ? '' : textFromDurationMs(durationMs);
    const where = queue === undefined ? 'gone' : queues[queue].dir;
    const told = [...each.flags, ...(look.has(each) ? ['not acknowledged'] : [])].join(' ');
    const outcome = textFromOutcome(each);
    return [
      outcome,
      shownFromName(name),
      attempt === undefined ? '' : `#${attempt}`,
      textFromInstant(endedAt),
      took,
      where,
      told,
    ];
  });
  return ['', ...table([['ENDED', 'NAME', '', 'AT', 'TOOK', 'IN', ''], ...rows])];
}

function textFromOutcome({ outcome, reason }: PostedEnded): string {
  return reason === undefined || reason === 'exit=0' ? outcome : `${outcome} ${reason}`;
}

type Row = readonly string[];

/** One long name must not push all other rows off the screen. */
const columnLimit = 44;

function table(rows: readonly Row[]): readonly string[] {
  const widths =
    rows[0]?.map((_cell, column) => Math.min(columnLimit, Math.max(...rows.map((row) => row[column]?.length ?? 0)))) ??
    [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
