// sjq show NAME…: all that is known of a UOW, and what to do next.
import { jsonFromEstimate } from '../../format/status-json.ts';
import { textFromReason } from '../../format/status-line.ts';
import { textFromProgress } from '../../format/status-text.ts';
import { type Bytes, isUtf8, shownFromName, shownFromText, utf8FromBytes, textOfName } from '../../model/bytes.ts';
import { textFromEstimate } from '../../model/estimate.ts';
import { textFromProblem } from '../../model/errors.ts';
import type { KeptBy } from '../../model/limits.ts';
import { join } from '../../model/paths.ts';
import { isEndedQueue, type Queue } from '../../model/queue.ts';
import type { Given } from '../../model/run.ts';
import { instantOfStamp } from '../../model/stamp.ts';
import type { Status } from '../../model/status.ts';
import { textFromDurationMs, textFromInstant } from '../../model/time.ts';
import type { HeaderLine } from '../../model/uow.ts';
import { isRootLocked } from '../../system/lock.ts';
import type { Paint } from '../colour.ts';
import { existingUow } from '../uow/find-uow.ts';
import { exitCodeOfJob } from '../uow/job-exit.ts';
import { beginOfLog } from '../uow/log-text.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { Pursuit } from '../uow/pursuit.ts';
import { shellLine } from '../shell-line.ts';
import { type UnderWay, underWay } from '../uow/under-way.ts';
import type { UowState } from '../uow/uow-state.ts';
import { whyNotStarted } from '../uow/why.ts';
import { painted, sentenceFromEnded } from '../uow/words.ts';

/** What is shown of a UOW. `problems`: it is none, or part of it is not understood. */
export interface Shown {
  readonly name: Bytes;
  readonly queue: Queue;
  readonly path: Bytes;
  readonly state: UowState;
  readonly status: Status | undefined;
  readonly enqueuedAt: number | undefined;
  readonly header: readonly HeaderLine[];
  readonly problems: readonly string[];
  readonly isUow: boolean;
  readonly logBytes: number;
  readonly why: string | undefined;
  readonly hasMonitor: boolean;
  /** How far its attempt is, while it runs. */
  readonly underWay: UnderWay | undefined;
  /** The job type of its last attempt, with its version, and what that was given. */
  readonly jobType: string | undefined;
  readonly given: Given | undefined;
  /** What kept the limits of its last attempt, and how many of its processes were killed for want of memory. */
  readonly limits: KeptBy;
  readonly oomKills: number | undefined;
  /** What its last attempt left in SJQ_RESULT, where the history tells. */
  readonly result: unknown;
}

/** Looks at each. @throws SjqError `no-such-uow` at the first that is not there */
export async function shown(root: OpenedRoot, names: readonly Bytes[]): Promise<readonly Shown[]> {
  for (const name of names) existingUow(root.paths, name);
  const hasMonitor = await isRootLocked(root.root);
  return names.map((name) => shownOne(root, name, hasMonitor));
}

function shownOne(root: OpenedRoot, name: Bytes, hasMonitor: boolean): Shown {
  const pursuit = new Pursuit(root, name);
  try {
    const { state, queue = existingUow(root.paths, name).queue, head, parsed, logBytes } = pursuit.look();
    const running = state.kind === 'running' ? underWay(root, name) : undefined;
    const past = running || attemptsOf(state) === 0 ? undefined : pursuit.past(attemptsOf(state));
    const findings = parsed?.kind === 'uow' ? parsed.warnings : (parsed?.problems ?? []);
    return {
      ...{ name, queue, path: join(root.paths.queue[queue], name), state, hasMonitor },
      status: head?.status,
      enqueuedAt: head?.stamp && instantOfStamp(head.stamp),
      header: head?.header ?? [],
      problems: findings.map(textFromProblem),
      isUow: head !== undefined,
      logBytes: Math.max(0, logBytes - beginOfLog(pursuit)),
      why: state.kind === 'waiting' && head ? whyNotStarted(root, name, { isServed: hasMonitor }) : undefined,
      result: state.kind === 'ended' ? past?.result : undefined,
      underWay: running,
      ...{ jobType: running?.jobType ?? past?.jobType, given: running?.given ?? past?.given },
      ...{ limits: running?.limits ?? past?.limits ?? {}, oomKills: past?.oomKills },
    };
  } finally {
    pursuit.close();
  }
}

/** Gives the lines for people. */
export function textFromShown(root: OpenedRoot, uow: Shown, paint: Paint, now: number): string {
  const { queue, path, status, state, header } = uow;
  const ago = (at: number): string => `${textFromInstant(at)}  ${textFromDurationMs(Math.max(0, now - at))} ago`;
  const rows: (readonly [string, string])[] = [['state', painted(paint, state, sentenceOf(root, uow))]];
  rows.push(['queue', root.config.queues[queue]]);
  if (uow.enqueuedAt !== undefined) rows.push(['enqueued', ago(uow.enqueuedAt)]);
  if (state.kind === 'running' && status) rows.push(['since', ago(status.at)]);
  rows.push(...rowsOfProgress(uow.underWay, now));
  if (state.kind === 'ended' && status) rows.push(['ended', ago(status.at)]);
  if (status?.durationMs !== undefined) rows.push(['took', textFromDurationMs(status.durationMs)]);
  if (uow.result !== undefined) rows.push(['result', shownFromText(JSON.stringify(uow.result))]);
  rows.push(...rowsOfGiven(uow), ...rowsOfLimits(uow));
  rows.push(['attempts', String(attemptsOf(state))]);
  if (status && status.flags.length > 0) rows.push(['marks', status.flags.join(' ')]);
  rows.push(['log', sizeText(uow.logBytes)], ['path', shownFromName(path)]);
  rows.push(...uow.problems.map((problem) => ['problem', paint('yellow', problem)] as const));
  const lines = [paint('bold', shownFromName(uow.name)), ...rows.map(([label, text]) => row(paint, label, text))];
  if (header.length > 0) {
    const width = Math.max(...header.map(({ name }) => name.length));
    lines.push(
      ...header.map(({ name, content }, at) =>
        row(paint, at === 0 ? 'header' : '', shownFromText(`${name.padEnd(width)}  ${content}`)),
      ),
    );
  }
  lines.push(...nextSteps(root, uow).map((step, at) => row(paint, at === 0 ? 'next' : '', step)));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function rowsOfProgress(underWay: UnderWay | undefined, now: number): readonly (readonly [string, string])[] {
  const { progress, estimate } = underWay ?? {};
  const left = estimate ? textFromEstimate(estimate, now) : '';
  return [
    ...(progress ? [['progress', textFromProgress(progress)] as const] : []),
    ...(left === '' ? [] : [['end', left] as const]),
  ];
}

function rowsOfGiven({ jobType, given = {} }: Shown): readonly (readonly [string, string])[] {
  const { searchPath, environment = [], hidden = [], leftOut } = given;
  const variables = [
    ...environment.map(shownFromText),
    ...hidden.map((name) => `${shownFromText(name)} (not told)`),
    ...(leftOut === undefined ? [] : [`and ${leftOut} more`]),
  ];
  // What every job gets is told by --json alone.
  const isOwn = jobType !== undefined || variables.length > 0;
  return [
    ...(jobType === undefined ? [] : [['job type', jobType] as const]),
    ...(searchPath === undefined || !isOwn ? [] : [['PATH', shownFromText(searchPath)] as const]),
    ...variables.map((text, at) => [at === 0 ? 'with' : '', text] as const),
  ];
}

const keepers = {
  cgroup: 'kept for all of it by its control group',
  process: 'kept for each of its processes',
  nobody: 'kept by nobody: no control group here can',
} as const;

function rowsOfLimits({ limits: { memory, cpu }, oomKills }: Shown): readonly (readonly [string, string])[] {
  const texts = [
    ...(memory === undefined ? [] : [`memory-max is ${keepers[memory]}`]),
    ...(cpu === undefined ? [] : [`cpu-max is ${keepers[cpu]}`]),
    ...(oomKills === undefined ? [] : [`out of memory: the kernel killed ${oomKills} of its processes`]),
  ];
  return texts.map((text, at) => [at === 0 ? 'limits' : '', text] as const);
}

/** Gives all of them as one JSON document. */
export function jsonFromShown(root: OpenedRoot, uows: readonly Shown[]): string {
  const document = {
    schema: 'sjq.show/1',
    uows: uows.map(
      ({
        name,
        queue,
        path,
        state,
        status,
        enqueuedAt,
        header,
        problems,
        isUow,
        logBytes,
        why,
        hasMonitor,
        underWay,
        result,
        jobType,
        given,
        limits,
        oomKills,
      }) => ({
        name: textOfName(name),
        state: state.kind === 'ended' ? state.word : state.kind,
        queue: root.config.queues[queue],
        reason: state.kind === 'ended' && state.reason ? textFromReason(state.reason) : undefined,
        flags: status?.flags ?? [],
        exit_code: state.kind === 'ended' ? exitCodeOfJob(state) : undefined,
        why,
        enqueued_at: enqueuedAt === undefined ? undefined : textFromInstant(enqueuedAt),
        since: status && textFromInstant(status.at),
        duration_ms: status?.durationMs,
        attempts: attemptsOf(state),
        progress: underWay?.progress,
        estimate: underWay?.estimate && jsonFromEstimate(underWay.estimate),
        result,
        job_type: jobType,
        search_path: given?.searchPath,
        environment: given?.environment,
        environment_hidden: given?.hidden,
        environment_left_out: given?.leftOut,
        memory_max_by: limits.memory,
        cpu_max_by: limits.cpu,
        oom_kills: oomKills,
        log_bytes: logBytes,
        path: textOfName(path),
        header: header.map(({ name: field, content }) => ({ field, content })),
        is_uow: isUow,
        problems,
        monitor: hasMonitor,
      }),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function row(paint: Paint, label: string, text: string): string {
  return `  ${paint('dim', label.padEnd(8))}  ${text}`;
}

/** Gives its state as a sentence. */
export function sentenceOf({ config }: OpenedRoot, { state, status, why, isUow, hasMonitor, queue }: Shown): string {
  if (!isUow) return 'not a valid UOW';
  if (state.kind === 'ended') return sentenceFromEnded(state);
  if (state.kind === 'running' && status?.flags.includes('held')) return `suspended, attempt ${state.attempt}`;
  if (state.kind === 'running')
    return hasMonitor ? `runs, attempt ${state.attempt}` : 'runs, or has ended while no monitor runs';
  const reason = hasMonitor ? why : 'no monitor runs';
  return `waits in ${config.queues[queue]}${reason === undefined ? '' : `: ${reason}`}`;
}

function attemptsOf(state: UowState): number {
  return state.kind === 'waiting' ? state.attempts : state.attempt;
}

function sizeText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  while (value >= 1000 && units.length > 1) {
    value /= 1000;
    units.shift();
  }
  return `${value.toFixed(1)} ${units[0] ?? ''}`;
}

/** Gives commands as they can be typed here. */
function nextSteps(
  root: OpenedRoot,
  { name, queue, path: at, state, status, hasMonitor, isUow }: Shown,
): readonly string[] {
  const shown = shownFromName(name);
  const word = shellLine([shown.startsWith('-') ? `./${shown}` : shown]).replace(/^\.\//, '-- ');
  const path = shellLine([utf8FromBytes(at)]);
  const isTypable = isUtf8(at) && shownFromText(path) === path;
  const steps: string[] = [];
  if (!isUow) return isTypable ? [`sjq check ${path}`] : [];
  if (!hasMonitor && state.kind !== 'ended') steps.push(`sjq monitor --root ${shellLine([utf8FromBytes(root.root)])}`);
  const isHeld = status?.flags.includes('held') === true;
  if (isHeld && state.kind !== 'ended')
    steps.push(`sjq say ${state.kind === 'waiting' ? 'RELEASE' : 'RESUME JOB'} ${word}`);
  if (state.kind === 'waiting') steps.push(`sjq follow ${word}`);
  if (state.kind === 'running') steps.push(`sjq follow ${word}`, ...(hasMonitor ? [`sjq kill ${word}`] : []));
  if (state.kind === 'ended') {
    steps.push(`sjq log ${word}`);
    const wait = shellLine([`${utf8FromBytes(root.paths.queue.wait)}/`]);
    if (isTypable && isEndedQueue(queue) && state.word !== 'done') steps.push(`mv ${path} ${wait}   to run it again`);
  }
  return steps;
}
