// job-types/NAME.yaml to JobType: what an application registers. Everything that can be judged without a UOW is judged here, so
// that filling in (plan/job-argv.ts) can only meet faults of the UOW.
import type { JobType } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import { fieldRow } from '../model/header.ts';
import { fieldNameFromText, partsFromTemplate } from '../model/job-type.ts';
import { patternFromText } from '../model/pattern.ts';
import { type YamlEntry, type YamlValue, yamlFromText } from './yaml-tree.ts';
import {
  type Findings,
  readFields,
  readList,
  readMap,
  readProcnames,
  readText,
  refuse,
  refuseUnknown,
} from './yaml-values.ts';

/** What a file in job-types is: a job type, or every reason why it is none. */
export type ParsedJobType =
  | { readonly kind: 'job-type'; readonly jobType: JobType; readonly warnings: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

const keys = ['name', 'version', 'argv', 'environment', 'path', 'fields', 'defaults', 'procnames'] as const;
type Key = (typeof keys)[number];

/**
 * Gives the job type of a file. What the text does not say comes from the file's name: `backup@1.4.yaml` is version 1.4 of
 * backup, `backup.yaml` version 0. Problems are in the order of their lines. Never throws.
 */
export function jobTypeFromYaml(fileName: string, text: string): ParsedJobType {
  const { value, problems } = yamlFromText(text);
  const findings: Findings = { problems: [...problems], warnings: [] };
  const parts = new Map<Key, YamlValue>();
  for (const entry of readMap(value, 'the file', 'write `argv: [program, argument]`', findings)) {
    const key = keys.find((known) => known === entry.key);
    if (key) parts.set(key, entry.value);
    else refuseUnknown(entry, 'part of a job type', keys, findings);
  }
  const jobType = jobTypeFromParts(fileName, parts, findings);
  const isNoMap = value.kind === 'text' || value.kind === 'list';
  // What broken YAML seems to say is guesswork, and where there is no map everything else is missing.
  const found = problems.length > 0 ? [...problems] : findings.problems.filter(({ line }) => !isNoMap || line > 0);
  const byLine = (a: Problem, b: Problem): number => a.line - b.line;
  if (found.length > 0) return { kind: 'invalid', problems: found.sort(byLine) };
  return { kind: 'job-type', jobType, warnings: findings.warnings.sort(byLine) };
}

function jobTypeFromParts(fileName: string, parts: ReadonlyMap<Key, YamlValue>, findings: Findings): JobType {
  const part = (key: Key): YamlValue => parts.get(key) ?? { kind: 'empty', line: 0 };
  const [, fileBase = '', fileVersion] = /^([^@]*)(?:@(.*))?$/s.exec(fileName.replace(/\.ya?ml$/, '')) ?? [];
  const name = parts.has('name')
    ? readText(part('name'), 'name', 'write the name, or leave the line out', findings)
    : fileBase;
  const version = parts.has('version')
    ? readText(part('version'), 'version', 'write a version such as 1.4', findings)
    : (fileVersion ?? '0');
  if (name !== undefined) judgeWord(part('name'), 'name', name, findings);
  if (version !== undefined) judgeWord(part('version'), 'version', version, findings);
  if (fileVersion !== undefined && version !== undefined && version !== fileVersion) {
    const message = `version ${version} in a file named for version ${fileVersion}`;
    refuse(findings, part('version'), message, 'rename the file, or leave the version out');
  }
  const fields = readFieldRules(part('fields'), findings);
  return {
    name: name ?? fileBase,
    version: version ?? '0',
    argv: readArgv(part('argv'), fields, findings),
    environment: readEnvironment(part('environment'), findings),
    path: readPath(part('path'), findings),
    fields,
    defaults: readFields(part('defaults'), 'defaults', new Set(Object.keys(fields)), findings),
    procnames: readProcnames(part('procnames'), findings),
  };
}

/** Names and versions are written as `app@1.4` in a header, and stand in one-line messages. */
function judgeWord(value: YamlValue, what: string, word: string, findings: Findings): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._+~-]*$/u.test(word)) return;
  refuse(
    findings,
    value,
    `bad ${what} "${word}"`,
    'use letters, digits and . _ + ~ -, beginning with a letter or digit',
  );
}

/** Gives a text exactly as written, lines and blanks included. */
function readRaw(value: YamlValue, what: string, remedy: string, findings: Findings): string {
  if (value.kind === 'text') return value.text;
  refuse(findings, value, value.kind === 'empty' ? `${what} is empty` : `${what} is a ${value.kind}`, remedy);
  return '';
}

function readArgv(value: YamlValue, fields: JobType['fields'], findings: Findings): readonly string[] {
  const remedy = 'write argv: [/usr/bin/program, argument, "{FIELD}"]: each item is one argument, nothing is split';
  if (value.kind === 'empty' || (value.kind === 'list' && value.items.length === 0)) {
    refuse(findings, value, 'argv is missing', remedy);
    return [];
  }
  return readList(value, 'argv', remedy, findings).map((item, index) => {
    const argument = readRaw(
      item,
      `argument ${String(index)}`,
      'quote it (\'\' for an empty argument, "{FIELD}" for a slot)',
      findings,
    );
    const template = partsFromTemplate(argument);
    if (template.kind === 'fault') {
      refuse(findings, item, template.message, 'write {{ and }} for braces that are meant as such');
      return argument;
    }
    if (index === 0 && argument.trim() === '' && item.kind === 'text')
      refuse(findings, item, 'the program is empty', remedy);
    for (const slot of template.parts) if (slot.kind === 'slot') judgeSlot(item, slot.field, index, fields, findings);
    return argument;
  });
}

function judgeSlot(item: YamlValue, field: string, index: number, fields: JobType['fields'], findings: Findings): void {
  const rule = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (field.startsWith('secret.')) {
    refuse(
      findings,
      item,
      `{${field}} in argv`,
      'read it from the environment: everybody on the machine can see arguments',
    );
  } else if (!rule && !fieldRow(field)) {
    refuse(findings, item, `{${field}} is no field`, `declare it: fields: {${field}: "a pattern of its content"}`);
  } else if (index === 0 && rule?.pattern === undefined) {
    refuse(findings, item, `{${field}} chooses the program`, `give ${field} a pattern, or write the program out`);
  }
}

function readEnvironment(value: YamlValue, findings: Findings): Readonly<Record<string, string>> {
  const entries = readMap(value, 'environment', 'write {NAME: value}', findings);
  return Object.fromEntries(
    entries.map((entry) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(entry.key)) {
        refuse(findings, entry, `bad variable name "${entry.key}"`, 'use letters, digits and _');
      } else if (entry.key.startsWith('SJQ_')) {
        refuse(findings, entry, `${entry.key} is one of the program’s own variables`, 'choose another name');
      }
      const content = entry.value.kind === 'empty' ? '' : readRaw(entry.value, entry.key, 'write one value', findings);
      return [entry.key, content];
    }),
  );
}

function readPath(value: YamlValue, findings: Findings): readonly string[] {
  const remedy = 'write a list of absolute directories such as [/opt/app/bin]';
  return readList(value, 'path', remedy, findings).flatMap((item) => {
    const directory = readText(item, 'a directory in path', remedy, findings);
    if (directory === undefined) return [];
    if (!directory.startsWith('/') || directory.includes(':'))
      refuse(findings, item, `bad directory "${directory}" in path`, remedy);
    return [directory];
  });
}

function readFieldRules(value: YamlValue, findings: Findings): JobType['fields'] {
  const rules = new Map<string, { pattern?: string; fallback?: string }>();
  for (const entry of readMap(value, 'fields', 'write {NAME: "pattern of its content"}', findings)) {
    const name = fieldNameFromText(entry.key);
    if (!/^[\p{L}\p{N}_.-]+$/u.test(name))
      refuse(findings, entry, `bad field name "${entry.key}"`, 'use letters, digits and _ . -');
    if (rules.has(name)) refuse(findings, entry, `${name} stands twice in fields`, 'keep one of them');
    rules.set(name, readFieldRule(entry, name, findings));
  }
  return Object.fromEntries(rules);
}

function readFieldRule(entry: YamlEntry, name: string, findings: Findings): { pattern?: string; fallback?: string } {
  const rule: { pattern?: string; fallback?: string } = {};
  if (entry.value.kind === 'empty') return rule;
  const remedy = 'write a pattern, or {pattern: …, default: …}';
  const parts: readonly YamlEntry[] =
    entry.value.kind === 'map' ? entry.value.entries : [{ key: 'pattern', line: entry.line, value: entry.value }];
  for (const part of parts) {
    if (part.key === 'pattern') rule.pattern = readText(part.value, `the pattern of ${name}`, remedy, findings) ?? '';
    else if (part.key === 'default')
      rule.fallback = readRaw(part.value, `the default of ${name}`, 'quote it', findings).trim();
    else refuseUnknown(part, `part of field ${name}`, ['pattern', 'default'], findings);
  }
  if (rule.fallback !== undefined && fieldRow(name)) {
    refuse(
      findings,
      entry,
      `${name} is a header field of the product`,
      `write its default under defaults: {${name}: …}`,
    );
  }
  if (rule.pattern !== undefined) judgePattern(entry, name, rule.pattern, rule.fallback, findings);
  return rule;
}

function judgePattern(
  entry: YamlEntry,
  name: string,
  text: string,
  fallback: string | undefined,
  findings: Findings,
): void {
  const pattern = patternFromText(text);
  if (pattern.kind === 'fault') {
    refuse(
      findings,
      entry,
      `bad pattern of ${name} "${text}": ${pattern.message}`,
      "mend the regular expression; quote it with '…'",
    );
  } else if (fallback !== undefined && !pattern.matches(fallback)) {
    refuse(
      findings,
      entry,
      `the default "${fallback}" of ${name} does not match its own pattern ${text}`,
      'change one of them',
    );
  }
}
