// Reads a file in schedules/: a UOW or a flow with the fields that say when. Every problem is told with its line.
import type { Bytes } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import { fieldFault } from '../model/header.ts';
import {
  type CatchUp,
  type CronTimes,
  type Overlap,
  type Schedule,
  scheduleFields,
  scheduleNameLimitBytes,
} from '../model/schedule.ts';
import { durationMsFromText } from '../model/time.ts';
import type { HeaderLine, UowHead } from '../model/uow.ts';
import { instantFromWall, type Zone, zoneOf } from '../model/zone.ts';
import { cronFromText } from './cron.ts';
import { templateFromText } from './flow-template.ts';

/** What reading a file in schedules/ gives. */
export type ParsedSchedule =
  | { readonly kind: 'schedule'; readonly schedule: Schedule; readonly head: UowHead }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** What is not in the file: its name, and the zone of the monitor. */
export interface ScheduleBasics {
  readonly name: string;
  readonly timezone: string;
}

const minimumEveryMs = 1000;

/** Gives the schedule in the file that begins with `bytes`, or every reason why it is none. Never throws. */
export function scheduleFromText(
  bytes: Bytes,
  { name, timezone }: ScheduleBasics,
  options: { readonly complete?: boolean } = {},
): ParsedSchedule {
  const parsed = templateFromText(bytes, options);
  if (parsed.kind === 'invalid') return parsed;
  const problems: Problem[] = [];
  const fields = new Fields(parsed.head.header, problems);
  if (name.length > scheduleNameLimitBytes) {
    problems.push({
      line: 0,
      message: `a name of ${name.length} bytes`,
      remedy: `use at most ${scheduleNameLimitBytes}`,
    });
  }
  const zone =
    fields.read('timezone', (content) => zoneOf(content), 'write a zone such as Europe/Berlin or UTC') ??
    zoneOf(timezone);
  const crons = fields.all('schedule').flatMap((line): readonly CronTimes[] => {
    const read = cronFromText(line.content, name);
    if (read.kind === 'cron') return [read.cron];
    problems.push({ line: line.line, message: read.message, remedy: read.remedy });
    return [];
  });
  const everyMs = fields.all('every').flatMap((line): readonly number[] => {
    const ms = durationMsFromText(line.content) ?? 0;
    if (ms >= minimumEveryMs && ms % 1000 === 0) return [ms];
    problems.push({
      line: line.line,
      message: `bad interval: ${line.content}`,
      remedy: 'write whole seconds, at least one',
    });
    return [];
  });
  // What others use, and nothing makes by itself, need not say when.
  const isOff = fields.text('enabled')?.toLowerCase() === 'no';
  if (!isOff && fields.all('schedule').length + fields.all('every').length === 0) {
    const remedy = 'write when, such as schedule :: 0 7 * * 1-5 or every :: 15m';
    problems.push({ line: 0, message: 'there is neither a schedule nor an every', remedy });
  }
  const instant = (content: string): number | undefined => zone && instantIn(zone, content);
  const asInstant = 'write a time such as 2026-11-22, 2026-11-22 07:00 or 2026-11-22T07:00:00Z';
  const from = fields.read('from', instant, asInstant);
  const until = fields.read('until', instant, asInstant);
  if (from !== undefined && until !== undefined && until < from)
    problems.push({ line: fields.line('until'), message: 'until lies before from', remedy: 'exchange them' });
  const jitterMs = durationMsFromText(fields.text('jitter') ?? '0') ?? 0;
  const ttl = parsed.head.header.find(({ name: each }) => each === 'ttl');
  const ttlMs = ttl && durationMsFromText(ttl.content);
  if (ttl && ttlMs !== undefined && ttlMs <= jitterMs)
    problems.push({
      line: ttl.line,
      message: 'its UOWs would expire before their jitter is over',
      remedy: 'write a ttl longer than the jitter',
    });
  if (problems.length > 0 || zone === undefined)
    return { kind: 'invalid', problems: problems.toSorted((a, b) => a.line - b.line) };

  const catchUp = (fields.text('catch-up') ?? 'last') as CatchUp;
  const overlap = (fields.text('overlap') ?? (catchUp === 'all' ? 'queue' : 'skip')) as Overlap;
  const enabled = !isOff;
  const repeat = fields.text('repeat');
  const times = [crons.map((cron) => cron.text), everyMs, zone.name, from ?? null, until ?? null, enabled];
  return {
    kind: 'schedule',
    head: parsed.head,
    schedule: {
      ...{ crons, everyMs, zone, catchUp, overlap, jitterMs, enabled },
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      ...(ttlMs !== undefined && { ttlMs }),
      ...(repeat !== undefined && { repeat: Number(repeat) }),
      rule: JSON.stringify(times),
    },
  };
}

/** The schedule's own fields of a header; what is wrong with one is put among the problems. */
class Fields {
  readonly #lines: readonly HeaderLine[];
  readonly #problems: Problem[];

  constructor(header: readonly HeaderLine[], problems: Problem[]) {
    this.#problems = problems;
    this.#lines = header.filter((line) => {
      const row = scheduleFields.find((each) => each.name === line.name);
      if (!row) return false;
      const fault = fieldFault(row, line.content);
      if (fault !== undefined)
        problems.push({ line: line.line, message: `bad content of ${line.name}: "${line.content}"`, remedy: fault });
      const before = header.find((each) => each.name === line.name);
      if (before && before !== line && !row.repeatable)
        problems.push({
          line: line.line,
          message: `${line.name} stands here and on line ${before.line}`,
          remedy: 'keep one of them',
        });
      return fault === undefined;
    });
  }

  all(name: string): readonly HeaderLine[] {
    return this.#lines.filter((line) => line.name === name);
  }

  text(name: string): string | undefined {
    return this.all(name)[0]?.content.toLowerCase();
  }

  line(name: string): number {
    return this.all(name)[0]?.line ?? 0;
  }

  read<T>(name: string, reader: (content: string) => T | undefined, remedy: string): T | undefined {
    const line = this.all(name)[0];
    if (!line) return undefined;
    const value = reader(line.content);
    if (value === undefined)
      this.#problems.push({ line: line.line, message: `bad content of ${name}: "${line.content}"`, remedy });
    return value;
  }
}

const wallPattern = /^(\d{4})-(\d\d)-(\d\d)(?:[ T]+(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** Gives the instant of an RFC 3339 text, or of one without an offset in the zone. */
function instantIn(zone: Zone, content: string): number | undefined {
  if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/i.test(content)) {
    const at = Date.parse(content.replace(' ', 'T'));
    return Number.isNaN(at) ? undefined : at;
  }
  const match = wallPattern.exec(content);
  if (!match) return undefined;
  const part = (at: number): number => Number(match[at] ?? 0);
  const [month, day, hour, minute, second] = [part(2), part(3), part(4), part(5), part(6)];
  const wall = Date.UTC(part(1), month - 1, day, hour, minute, second);
  // The 31st of February would be a day in March.
  const date = new Date(wall);
  const isThere =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return isThere ? instantFromWall(zone, wall) : undefined;
}
