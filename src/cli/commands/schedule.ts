// sjq schedule: what stands in schedules/, when it is next, and crontabs on their way in and out.
import { schedulesFromCrontab } from '../../format/crontab.ts';
import { firedFromText } from '../../format/fired-json.ts';
import { flowFromText } from '../../format/flow-parse.ts';
import { scheduleFromText } from '../../format/schedule-parse.ts';
import { headReadBytes } from '../../format/uow-parse.ts';
import { type Bytes, bytesFromUtf8, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { errnoOf, errorFromErrno } from '../../model/errno.ts';
import { exitCodeOf, textFromProblem } from '../../model/errors.ts';
import { join } from '../../model/paths.ts';
import { isIgnoredName, isReadmeName } from '../../model/queue.ts';
import type { Schedule } from '../../model/schedule.ts';
import { localZone, textInZone } from '../../model/zone.ts';
import { occurrencesIn } from '../../plan/schedules/occurrences.ts';
import { realFiles } from '../../system/files.ts';
import { readInput } from '../../system/input.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { tell } from '../out.ts';

const dayMs = 86_400_000;
/** Of one that is fired each second nobody wants a week. */
const shownAtMost = 1000;

const saidByCron: ReadonlySet<string> = new Set(['schedule', 'every', 'timezone', 'command']);

interface Listed {
  readonly name: string;
  readonly schedule?: Schedule;
  readonly status: string;
  readonly command: string;
  /** What is in it besides a command of one line and its times. */
  readonly others: readonly string[];
  /** One of a flow, whose UOWs no crontab can hold. */
  readonly isFlow?: true;
  readonly problems: readonly string[];
}

/** Gives every schedule of a root, by name. */
function schedulesIn({ paths }: OpenedRoot): readonly Listed[] {
  const names = (realFiles.list(paths.schedules) ?? []).filter((name) => !isIgnoredName(name) && !isReadmeName(name));
  return [...names].sort().flatMap((name) => {
    const bytes = realFiles.read(join(paths.schedules, name), 0, headReadBytes);
    return bytes === undefined ? [] : [listedFrom(name, bytes)];
  });
}

function listedFrom(file: Bytes, bytes: Bytes): Listed {
  const name = shownFromName(file);
  const parsed = scheduleFromText(
    bytes,
    { name, timezone: localZone().name },
    { complete: bytes.length < headReadBytes },
  );
  if (parsed.kind === 'invalid')
    return { name, status: '', command: '', others: [], problems: parsed.problems.map(textFromProblem) };
  const { status } = parsed.head.layout;
  const shown = status ? bytes.slice(status.offset, status.offset + status.length).trim() : '';
  const runs = parsed.head.header.find((line) => line.name === 'command' || line.name === 'job')?.content ?? '';
  const isFlow = flowFromText(bytes).kind === 'flow' && { isFlow: true as const };
  const names = parsed.head.header.map((line) => line.name);
  const isScript = names.filter((field) => field === 'command').length > 1;
  const others = [...new Set(names)].filter((field) => !saidByCron.has(field) || (field === 'command' && isScript));
  return { name, schedule: parsed.schedule, status: shown, command: runs, others, problems: [], ...isFlow };
}

/** Gives `sjq schedule ls` as text or JSON. */
export function listText(root: OpenedRoot, isJson: boolean): string {
  const all = schedulesIn(root);
  if (isJson) {
    const schedules = all.map(({ schedule, isFlow, others: _others, ...rest }) => ({
      ...rest,
      ...(isFlow && { flow: true }),
      ...(schedule && {
        crons: schedule.crons.map(({ text }) => text),
        every_ms: schedule.everyMs,
        timezone: schedule.zone.name,
      }),
    }));
    return JSON.stringify({ schema: 'sjq.schedules/1', schedules }, null, 2) + '\n';
  }
  const when = ({ schedule, problems }: Listed): string =>
    schedule
      ? [...schedule.crons.map(({ text }) => text), ...schedule.everyMs.map((ms) => `every ${ms / 1000}s`)].join(', ')
      : `no schedule: ${problems.join('; ')}`;
  return all.map((one) => `${one.name}  ${when(one)}  ${one.status}\n`).join('');
}

/** Gives `sjq schedule next`: the times of the next days in order; with `dst` only those at which the offset is not that of the time before. */
export function nextText(
  root: OpenedRoot,
  {
    days,
    dst,
    json,
    now,
  }: { readonly days: number; readonly dst: boolean; readonly json: boolean; readonly now: number },
): string {
  const times = schedulesIn(root).flatMap(({ name, schedule }) => {
    if (schedule?.enabled !== true) return [];
    const upTo = now + days * dayMs;
    const limit = Math.min(shownAtMost, (schedule.repeat ?? Infinity) - madeBy(root, name));
    const all = limit > 0 ? occurrencesIn(schedule, now, upTo, limit + 1) : [];
    if (!dst && limit === shownAtMost && all.length > limit)
      tell(`${name}: only its first ${shownAtMost} times are shown: ask for fewer --days`);
    const chosen = dst ? changesIn(schedule, now, upTo) : all.slice(0, limit);
    return chosen.map((at) => ({ at, name, local: textInZone(schedule.zone, at) }));
  });
  times.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  const rows = times.map(({ at, name, local }) => ({ name, at: new Date(at).toISOString(), local }));
  if (json) return JSON.stringify({ schema: 'sjq.schedule-next/1', times: rows }, null, 2) + '\n';
  return rows.map(({ name, local }) => `${local}  ${name}\n`).join('');
}

/** Gives how many times of a schedule are dealt with, as far as a monitor has noted. */
function madeBy({ paths }: OpenedRoot, name: string): number {
  const text = realFiles.read(join(paths.fired, nameFromShown(name)), 0, headReadBytes);
  return (text === undefined ? undefined : firedFromText(text)?.count) ?? 0;
}

/** Gives the times at which the offset is not that of the time before. Only the first behind each change of the zone is worked out. */
function changesIn(schedule: Schedule, now: number, upTo: number): readonly number[] {
  const offset = (at: number): number => schedule.zone.offsetMsAt(at);
  const found: number[] = [];
  let offsetBefore = offset(now);
  for (let day = now; day < upTo; day += dayMs) {
    if (offset(day) === offset(day + dayMs)) continue;
    let [before, behind] = [day, day + dayMs];
    while (behind - before > 1) {
      const middle = Math.floor((before + behind) / 2);
      if (offset(middle) === offset(day)) before = middle;
      else behind = middle;
    }
    const [first] = occurrencesIn(schedule, before, upTo, 1);
    if (first === undefined || offset(first) === offsetBefore) continue;
    offsetBefore = offset(first);
    found.push(first);
  }
  return found;
}

/** Puts the lines of a crontab into schedules/, none over another; gives the exit code: 1 if a line could not be carried over. */
export function importCrontab(
  root: OpenedRoot,
  {
    file,
    isSystem,
    isDry,
    home,
  }: { readonly file: string; readonly isSystem: boolean; readonly isDry: boolean; readonly home: string },
): number {
  const text = textOf(file);
  const { schedules, remarks } = schedulesFromCrontab(text, { isSystem, home });
  for (const { line, text } of remarks) tell(`${file}:${line}: ${text}`);
  let isRefused = remarks.some(({ text }) =>
    ['not a cron', 'no line', 'no zone', '@reboot'].some((words) => text.startsWith(words)),
  );
  for (const { name, text: made } of schedules) {
    if (isDry) process.stdout.write(`# schedules/${name}\n${made}\n`);
    else if (
      realFiles.create(join(root.paths.schedules, bytesFromUtf8(name)), bytesFromUtf8(made), { sync: true }) === 'ok'
    )
      process.stdout.write(`${name}\n`);
    else {
      tell(`schedules/${name} is there already: it stays as it is`);
      isRefused = true;
    }
  }
  return isRefused ? exitCodeOf.no : 0;
}

function textOf(file: string): string {
  try {
    return readInput(file).toString('utf8');
  } catch (error) {
    throw errorFromErrno(errnoOf(error), `${file} cannot be read`, error) ?? error;
  }
}

/** Gives the schedules as a crontab; what cron cannot say stands there as a comment. */
export function exportText(root: OpenedRoot): string {
  return schedulesIn(root)
    .map(({ name, schedule, command, others, isFlow }) => {
      if (!schedule) return `# ${name}: no schedule\n`;
      if (isFlow) return `# ${name}: a flow is not for cron\n`;
      if (!schedule.enabled) return `# ${name}: enabled :: no\n`;
      if (others.includes('job')) return `# ${name}: a job type is not for cron\n`;
      if (others.includes('command')) return `# ${name}: a command of several lines is not for cron\n`;
      const left = others.length > 0 ? `# ${name}: not for cron: ${others.join(', ')}\n` : '';
      const lines = schedule.crons.map(({ text }) => {
        const isCron =
          text.startsWith('@') || (text.split(' ').length === 5 && !/[HL#W]/i.test(text.replace(/[a-z]{3}/gi, '')));
        return isCron ? `${text} ${command.replaceAll('%', '\\%')}\n` : `# ${name}: ${text} is not for cron\n`;
      });
      const every = schedule.everyMs.map((ms) => `# ${name}: every ${ms / 1000}s is not for cron\n`);
      return [`# ${name}\n${left}CRON_TZ=${schedule.zone.name}\n`, ...lines, ...every].join('');
    })
    .join('');
}
