// Readers of single values that config.yaml and job-types/*.yaml share. Each gives the value, or undefined after it has noted
// every problem.
import type { GroupLimits, Procname } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import { fieldFault, fieldRow, headerFields } from '../model/header.ts';
import { fieldNameFromText } from '../model/job-type.ts';
import { nearestName } from '../model/nearest.ts';
import { rateFromText, rateRemedy } from '../model/rate.ts';
import { durationMsFromText } from '../model/time.ts';
import type { YamlEntry, YamlValue } from './yaml-tree.ts';

/** What reading a file has found so far. Problems refuse the file; warnings only say something. */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/** Notes what is wrong at the line of `where`. */
export function refuse(findings: Findings, where: { readonly line: number }, message: string, remedy: string): void {
  findings.problems.push({ line: where.line, message, remedy });
}

/** Gives the text of a value, trimmed; it must be one line and not empty. */
export function readText(value: YamlValue, what: string, remedy: string, findings: Findings): string | undefined {
  const text = value.kind === 'text' ? value.text.trim() : '';
  if (value.kind === 'list' || value.kind === 'map') refuse(findings, value, `${what} is a ${value.kind}`, remedy);
  else if (text === '') refuse(findings, value, `${what} has no value`, remedy);
  else if (/[\r\n]/.test(text)) refuse(findings, value, `${what} has several lines`, remedy);
  else return text;
  return undefined;
}

/** Gives the items of a list; none for an empty value. */
export function readList(value: YamlValue, what: string, remedy: string, findings: Findings): readonly YamlValue[] {
  if (value.kind === 'list') return value.items;
  if (value.kind !== 'empty') refuse(findings, value, `${what} is no list`, remedy);
  return [];
}

/** Gives the entries of a map; none for an empty value. */
export function readMap(value: YamlValue, what: string, remedy: string, findings: Findings): readonly YamlEntry[] {
  if (value.kind === 'map') return value.entries;
  if (value.kind !== 'empty') refuse(findings, value, `${what} is no map`, remedy);
  return [];
}

/** Notes a name that nobody knows, with the one that was probably meant. */
export function refuseUnknown(entry: YamlEntry, what: string, known: readonly string[], findings: Findings): void {
  const nearest = nearestName(entry.key, known);
  const remedy = nearest === undefined ? `write one of: ${known.join(', ')}` : `did you mean ${nearest}?`;
  refuse(findings, entry, `unknown ${what} "${entry.key}"`, remedy);
}

const procnameRemedy = 'write a list such as [rsync, {name: ansible-playbook, timeout: 1h}]';

/** Gives the programs of a `procnames` list: names, or maps of name and timeout. */
export function readProcnames(value: YamlValue, findings: Findings): readonly Procname[] {
  const procnames: Procname[] = [];
  for (const item of readList(value, 'procnames', procnameRemedy, findings)) {
    const parts = new Map<string, YamlValue>([['name', item]]);
    if (item.kind === 'map') {
      parts.clear();
      for (const entry of item.entries) {
        if (entry.key === 'name' || entry.key === 'timeout') parts.set(entry.key, entry.value);
        else refuseUnknown(entry, 'part of procnames', ['name', 'timeout'], findings);
      }
    }
    const nameValue = parts.get('name') ?? { kind: 'empty', line: item.line };
    const name = readText(nameValue, 'a name in procnames', procnameRemedy, findings);
    if (name?.includes('/') === true)
      refuse(findings, nameValue, `"${name}" is a path`, 'write the base name of the program');
    const timeout = parts.get('timeout');
    const timeoutMs = timeout && readDuration(timeout, 'the timeout in procnames', findings);
    if (name !== undefined) procnames.push({ name, ...(timeoutMs !== undefined && { timeoutMs }) });
  }
  return procnames;
}

const groupsRemedy =
  'write {GROUP: {slots: 2, rate: 10/m, priority: 10}}, slots from 1 to 10000, priority a whole number';
const groupParts = ['slots', 'rate', 'priority'] as const;

/** Gives what is said of groups: their slots, their rate, and their priority, 0 where none is given. */
export function readGroups(value: YamlValue, findings: Findings): Readonly<Record<string, GroupLimits>> {
  const groups = readMap(value, 'groups', groupsRemedy, findings).map(({ key, value: limits }) => {
    let read: GroupLimits = { priority: 0 };
    for (const entry of readMap(limits, `groups.${key}`, groupsRemedy, findings)) {
      const part = groupParts.find((each) => each === entry.key);
      if (part === undefined) {
        refuseUnknown(entry, 'part of a group', groupParts, findings);
        continue;
      }
      const what = `groups.${key}.${part}`;
      const text = readText(entry.value, what, groupsRemedy, findings);
      const fits = text === undefined ? undefined : groupLimit(part, text);
      if (fits) read = { ...read, ...fits };
      else if (text !== undefined)
        refuse(findings, entry.value, `bad value of ${what}: "${text}"`, part === 'rate' ? rateRemedy : groupsRemedy);
    }
    return [key, read] as const;
  });
  return Object.fromEntries(groups);
}

function groupLimit(part: (typeof groupParts)[number], text: string): Partial<GroupLimits> | undefined {
  if (part === 'rate') {
    const rate = rateFromText(text);
    return rate && { rate };
  }
  const number = /^[+-]?\d{1,7}$/.test(text) ? Number(text) : NaN;
  if (part === 'slots') return number >= 1 && number <= 10_000 ? { slots: number } : undefined;
  return Math.abs(number) <= 1_000_000 ? { priority: number } : undefined;
}

/** Gives a duration in milliseconds. */
export function readDuration(value: YamlValue, what: string, findings: Findings): number | undefined {
  const remedy = 'write a duration such as 90, 90s, 15m, 2h, 1d or 1h30m';
  const text = readText(value, what, remedy, findings);
  const durationMs = text === undefined ? undefined : durationMsFromText(text);
  if (text !== undefined && durationMs === undefined)
    refuse(findings, value, `${what} "${text}" is no duration`, remedy);
  return durationMs;
}

/** What stands for header fields that are no row of the table: refuse them, note them, or take those with these names. */
export type UnknownFields = 'refuse' | 'warn' | ReadonlySet<string>;

/** Gives default header fields by name. Names are taken in any case; contents are judged by the header table. */
export function readFields(
  value: YamlValue,
  what: string,
  unknown: UnknownFields,
  findings: Findings,
): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const entry of readMap(value, what, `write header fields under ${what}, such as {timeout: 2h}`, findings)) {
    const name = fieldNameFromText(entry.key);
    if (fields.has(name)) refuse(findings, entry, `${name} stands twice in ${what}`, 'keep one of them');
    const remedy = `write one value for ${name}`;
    const content = readText(entry.value, `${name} in ${what}`, remedy, findings);
    fields.set(name, content ?? '');
    judgeField(entry, name, content, what, unknown, findings);
  }
  return Object.fromEntries(fields);
}

function judgeField(
  entry: YamlEntry,
  name: string,
  content: string | undefined,
  what: string,
  unknown: UnknownFields,
  findings: Findings,
): void {
  const row = fieldRow(name);
  if (!row) {
    const nearest = nearestName(name, [
      ...headerFields.map((known) => known.name),
      ...(unknown instanceof Set ? unknown : []),
    ]);
    const hint = nearest === undefined ? '' : `did you mean ${nearest}?`;
    if (unknown === 'warn') {
      const message = `"${name}" in ${what} is no header field of the product, so it counts only if the job type declares it`;
      findings.warnings.push({ line: entry.line, message, remedy: hint });
    } else if (unknown === 'refuse' || !unknown.has(name)) {
      refuse(
        findings,
        entry,
        `unknown header field "${name}" in ${what}`,
        hint || 'remove it; docs/uow-format.md lists them all',
      );
    }
    return;
  }
  if (name === 'command' || name === 'job') {
    refuse(findings, entry, `${name} in ${what} would run in every UOW that names none`, `write ${name} into each UOW`);
    return;
  }
  const fault = content === undefined ? undefined : fieldFault(row, content);
  if (fault !== undefined)
    refuse(findings, entry.value, `bad content of ${name} in ${what}: "${content ?? ''}"`, fault);
  if (row.later) {
    const message = `${name} in ${what} is not acted on by this version`;
    findings.warnings.push({ line: entry.line, message, remedy: '' });
  }
}
