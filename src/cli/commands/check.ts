// sjq check FILE…: says what is wrong with a UOW before it is dropped, and what this version does not act on.
import { basename, resolve } from 'node:path';
import { templateFromText } from '../../format/flow-template.ts';
import { type TemplateText, wholeFlow } from '../../format/flow-use.ts';
import { fieldWarnings } from '../../format/head-problems.ts';
import { scheduleFromText } from '../../format/schedule-parse.ts';
import { headReadBytes } from '../../format/uow-parse.ts';
import { type Bytes, bytesFromUtf8, shownFromName } from '../../model/bytes.ts';
import { exitCodeOf, type Problem } from '../../model/errors.ts';
import { isIgnoredName, isReadmeName } from '../../model/queue.ts';
import { isScheduleField } from '../../model/schedule.ts';
import type { HeaderLine } from '../../model/uow.ts';
import { localZone } from '../../model/zone.ts';
import { readHead } from '../../monitor/survey/read-uow.ts';
import { realFiles } from '../../system/files.ts';
import { textFromFinding } from '../finding.ts';

/** What was found in one file. `ignored`: the monitor never looks at a file of that name. */
export interface Checked {
  readonly file: string;
  readonly kind: 'uow' | 'flow' | 'schedule' | 'invalid' | 'unreadable' | 'ignored';
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Checks one file. `templateText` has the flows that others use. */
export function check(file: string, templateText: TemplateText): Checked {
  const path = bytesFromUtf8(resolve(file));
  const real: Bytes | undefined = realFiles.realPath(path);
  const stat = real === undefined ? undefined : realFiles.stat(real);
  const nothing = { file, problems: [], warnings: [] };
  const name = basename(file);
  if (stat && (isIgnoredName(name) || isReadmeName(name))) return { ...nothing, kind: 'ignored' };
  const read = real !== undefined && stat?.kind === 'file' ? readHead(realFiles, real, stat.sizeBytes) : undefined;
  if (!read) {
    const message = stat ? 'not a regular file' : 'no such file';
    return { ...nothing, kind: 'unreadable', problems: [{ line: 0, message, remedy: 'name a plain text file' }] };
  }
  const { parsed } = read;
  const asSchedule = scheduleIn(path, read.bytes, name);
  if (asSchedule?.kind === 'invalid') return { ...nothing, kind: 'invalid', problems: asSchedule.problems };
  const flow = wholeFlow(read.bytes, templateText, bytesFromUtf8(name));
  if (flow.kind === 'invalid') return { ...nothing, kind: 'invalid', problems: flow.problems };
  if (asSchedule) return { ...nothing, kind: 'schedule', warnings: fieldWarnings(asSchedule.others) };
  if (flow.kind === 'flow') return { ...nothing, kind: 'flow', warnings: parsed.kind === 'uow' ? parsed.warnings : [] };
  if (parsed.kind === 'invalid') return { ...nothing, kind: 'invalid', problems: parsed.problems };
  return { ...nothing, kind: 'uow', warnings: parsed.warnings };
}

/** What `schedules/` makes of a file that stands there, or that says when; `others` are its fields besides. Undefined of any other. */
function scheduleIn(path: Bytes, bytes: Bytes, name: string): ScheduleFound | undefined {
  const template = templateFromText(bytes, { complete: bytes.length < headReadBytes });
  const header = template.kind === 'invalid' ? [] : template.head.header;
  const isTimed = header.some((line) => line.name === 'schedule' || line.name === 'every');
  if (!isTimed && !/\/schedules\/[^/]*$/.test(path)) return undefined;
  const basics = { name, timezone: localZone().name };
  const parsed = scheduleFromText(bytes, basics, { complete: bytes.length < headReadBytes });
  if (parsed.kind === 'invalid') return parsed;
  return { kind: 'schedule', others: header.filter((line) => !isScheduleField(line.name)) };
}

type ScheduleFound =
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'schedule'; readonly others: readonly HeaderLine[] };

/** Gives the lines of a checked file for people, in compilers' style: `FILE:LINE: what: remedy`. */
export function textFromChecked({ file, kind, problems, warnings }: Checked): string {
  const lines = problems.map((problem) => textFromFinding(file, problem));
  lines.push(...warnings.map((warning) => textFromFinding(file, warning, 'warning: ')));
  const shown = shownFromName(bytesFromUtf8(file));
  if (kind === 'uow') lines.push(`${shown}: ok`);
  if (kind === 'flow') lines.push(`${shown}: ok, a flow`);
  if (kind === 'schedule') lines.push(`${shown}: ok, a schedule`);
  if (kind === 'ignored') lines.push(`${shown}: ignored: the monitor does not look at a file of this name`);
  return lines.join('\n') + '\n';
}

/** Gives all of it as one JSON document. */
export function jsonFromChecked(files: readonly Checked[]): string {
  return JSON.stringify({ schema: 'sjq.check/1', files }, null, 2) + '\n';
}

/** Gives the exit code: 65 if a file is no valid UOW, else 66 if one cannot be read, else 0. */
export function exitCodeFromChecked(files: readonly Checked[]): number {
  if (files.some(({ kind }) => kind === 'invalid')) return exitCodeOf['bad-uow'];
  return files.some(({ kind }) => kind === 'unreadable') ? exitCodeOf['no-such-uow'] : 0;
}
