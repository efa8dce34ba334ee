// sjq why NAME: what every gate of the plan says to a UOW that waits, which one decides, and when it may start. Of any other UOW what
// is so instead.
import { whyTrashed } from '../../format/notice-line.ts';
import { type Bytes, shownFromName, textOfName } from '../../model/bytes.ts';
import { textFromEstimate } from '../../model/estimate.ts';
import { textFromDurationMs, textFromInstant } from '../../model/time.ts';
import { shownTime } from '../../model/zone.ts';
import { realFiles } from '../../system/files.ts';
import type { Paint } from '../colour.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { type WhyNow, whyNow } from '../uow/why.ts';
import { painted } from '../uow/words.ts';
import { sentenceOf, type Shown, shown } from './show.ts';

/** What is told of a UOW. `of` is there if it waits and it can be told what for. */
export interface Told {
  readonly uow: Shown;
  readonly of: WhyNow | undefined;
  readonly reason: string;
}

/** So much of the end of monitor_says is searched for why something went to trash. */
const saysTailBytes = 4 * 1024 * 1024;
const lookTries = 3;

/** Looks at each. @throws SjqError `no-such-uow` at the first that is not there */
export async function whyOf(root: OpenedRoot, names: readonly Bytes[]): Promise<readonly Told[]> {
  const uows = await shown(root, names);
  const told: Told[] = [];
  for (let uow of uows) {
    let of = gatesOf(root, uow);
    for (let tries = 1; !of && uow.state.kind === 'waiting' && tries < lookTries; tries++) {
      // It started, or was moved, between the two looks.
      uow = (await shown(root, [uow.name]))[0] ?? uow;
      of = gatesOf(root, uow);
    }
    told.push({ uow, of, reason: of?.reason ?? reasonElse(root, uow) });
  }
  return told;
}

function gatesOf(root: OpenedRoot, { name, state, hasMonitor }: Shown): WhyNow | undefined {
  return state.kind === 'waiting' ? whyNow(root, name, { isServed: hasMonitor }) : undefined;
}

function reasonElse(root: OpenedRoot, uow: Shown): string {
  const { queue, name, state, problems } = uow;
  const trashed = queue === 'trash' ? trashedBecause(root, name) : undefined;
  if (trashed !== undefined) return `in trash: ${trashed}`;
  if (state.kind === 'waiting') return 'nobody but the monitor’s user can tell: others may not read what decides it';
  return uow.isUow || problems.length === 0 ? sentenceOf(root, uow) : `not a valid UOW: ${problems.join('; ')}`;
}

function trashedBecause({ paths }: OpenedRoot, name: Bytes): string | undefined {
  const path = realFiles.realPath(paths.messagesOut) ?? paths.messagesOut;
  const from = Math.max(0, (realFiles.stat(path)?.sizeBytes ?? 0) - saysTailBytes);
  return whyTrashed(realFiles.read(path, from, saysTailBytes) ?? ('' as Bytes), name);
}

/** Gives the lines for people. */
export function textFromTold(root: OpenedRoot, { uow, of, reason }: Told, paint: Paint, now: number): string {
  const { name, queue, state, underWay, status } = uow;
  const isWaiting = state.kind === 'waiting';
  const sentence = isWaiting ? `waits in ${root.config.queues[queue]}: ${reason}` : reason;
  const rows: (readonly [string, string])[] = [];
  for (const { gate, blocked } of of?.why?.gates ?? []) {
    const mark = gate === of?.why?.gate ? '   <- decides' : '';
    rows.push([gate, blocked ? `${paint('red', 'shut')}  ${blocked.reason}${mark}` : paint('green', 'open')]);
  }
  if (of?.why) rows.push(['place', of.why.place]);
  if (of?.isFromFiles === true) rows.push(['judged', fromFilesText(uow.hasMonitor)]);
  if (of) rows.push(['may start', startText(of, uow.hasMonitor)]);
  const expires = of?.uow?.expires;
  if (of && expires) rows.push(['expires', `${when(of, expires.at)} (ttl)`]);
  const left = underWay?.estimate ? textFromEstimate(underWay.estimate, now) : '';
  if (left !== '') rows.push(['end', left]);
  if (state.kind === 'ended' && status)
    rows.push(['ended', `${textFromInstant(status.at)}  ${textFromDurationMs(Math.max(0, now - status.at))} ago`]);
  const lines = rows.map(([label, text]) => `  ${paint('dim', label.padEnd(11))}  ${text}`);
  return [`${paint('bold', shownFromName(name))}  ${painted(paint, state, sentence)}`, ...lines]
    .map((line) => `${line}\n`)
    .join('');
}

function fromFilesText(hasMonitor: boolean): string {
  const why = hasMonitor ? 'the monitor posts no status that can be read here' : 'no monitor runs';
  return `from files: ${why}`;
}

function startText(of: WhyNow, hasMonitor: boolean): string {
  if (!hasMonitor) return 'when a monitor runs';
  const { why, until, uow } = of;
  if (!why) return until === undefined ? 'when it is taken in' : `not before ${when(of, until)}`;
  if (why.start) {
    const { at, isEstimate } = why.start;
    const isTooLate = uow?.expires !== undefined && at >= uow.expires.at;
    const made = isEstimate ? ' at the earliest, as what runs usually takes' : ' at the earliest';
    return `${when(of, at)}${made}${isTooLate ? '; it expires before that' : ''}`;
  }
  if (why.gate !== undefined) return 'not known';
  return why.place === 'next in line' ? 'at the next wake' : 'behind those before it';
}

function when({ seen }: WhyNow, at: number): string {
  return `${shownTime(seen.zone, at, seen.now)}, in ${textFromDurationMs(Math.ceil(Math.max(0, at - seen.now) / 1000) * 1000).replace(/\.0s$/, 's')}`;
}

/** Gives all of them as one JSON document. */
export function jsonFromTold(root: OpenedRoot, told: readonly Told[]): string {
  const uows = told.map(({ uow, of, reason }) => {
    const { name, state, queue, hasMonitor } = uow;
    const start = of?.why?.start;
    const at = start?.at ?? of?.until;
    const expires = of?.uow?.expires;
    return {
      name: textOfName(name),
      state: state.kind === 'ended' ? state.word : state.kind,
      queue: root.config.queues[queue],
      reason,
      gate: of?.why?.gate,
      gates: of?.why?.gates.map(({ gate, blocked }) => ({
        gate,
        open: blocked === undefined,
        reason: blocked?.reason,
      })),
      place: of?.why?.place,
      may_start_at: at === undefined ? undefined : textFromInstant(at),
      estimated: start?.isEstimate,
      expires_at: expires && textFromInstant(expires.at),
      monitor: hasMonitor,
      judged: of && (of.isFromFiles ? 'files' : 'monitor'),
    };
  });
  return `${JSON.stringify({ schema: 'sjq.why/1', uows }, null, 2)}\n`;
}
