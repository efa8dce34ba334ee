// config.example.yaml and the table in docs/config.md, generated from the table of settings.
import { type SettingRow, ownName, settings, settingsIn } from '../model/settings.ts';

/** Gives the text of config.example.yaml: every setting with its default, all of it behind `#`. */
export function configExample(): string {
  const head = [
    '# The settings of simple-job-q. Copy this file to config.yaml in the queue root and take the # off what you change.',
    '# Everything shown is the default, except what stands behind "such as". RELOAD uses a changed file.',
    '# Generated from src/model/settings.ts.',
  ];
  return [head, ...settingsIn('').map(exampleOf)].map((lines) => lines.join('\n') + '\n').join('\n');
}

function exampleOf(row: SettingRow): readonly string[] {
  const inside = settingsIn(row.name);
  if (row.takes.kind !== 'group') {
    const suchAs = row.example === undefined ? [] : [`# such as ${ownName(row)}: ${row.example}`];
    return [`# ${sentence(row.meaning)}`, ...suchAs, `#${ownName(row)}: ${row.fallback}`];
  }
  const values = inside.map((child) => `#  ${ownName(child)}: ${child.fallback}`);
  const width = Math.max(...values.map((value) => value.length));
  const lines = inside.map((child, index) => {
    const suchAs = child.example === undefined ? '' : `, such as ${child.example}`;
    return `${(values[index] ?? '').padEnd(width)}  # ${child.meaning}${suchAs}`;
  });
  return [`# ${sentence(row.meaning)}`, `#${ownName(row)}:`, ...lines];
}

function sentence(meaning: string): string {
  return `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
}

/** Gives the Markdown table of all settings. */
export function configTable(): string {
  const rows = settings.map((row) => {
    const suchAs = row.example === undefined ? '' : ` Such as \`${row.example}\``;
    const fallback = row.fallback === '' ? '' : `\`${row.fallback}\``;
    return `| \`${row.name}\` | ${takesOf(row)} | ${fallback} | ${sentence(row.meaning)}${suchAs} |`;
  });
  return ['| setting | takes | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n') + '\n';
}

function takesOf(row: SettingRow): string {
  switch (row.takes.kind) {
    case 'group':
      return row.takes.canBeOff ? 'a group, or `off`' : 'a group';
    case 'choice':
      return row.takes.of.map((word) => `\`${word}\``).join(' or ');
    case 'switch':
      return '`yes` or `no`';
    case 'whole':
      return `${String(row.takes.min)} to ${String(row.takes.max)}`;
    case 'clock':
      return '`HH:MM`, or `off`';
    case 'users':
      return 'a list of users';
    case 'alarms':
      return '`all`, or a list of kinds';
    case 'procnames':
      return 'a list of programs';
    case 'counts':
      return 'names and how many';
    case 'groups':
      return 'groups and their limits';
    case 'needs':
      return '`needs`, or `off`';
    case 'fields':
      return 'header fields';
    case 'fields-by-type':
      return 'header fields by job type';
    case 'duration':
    case 'number':
    case 'size':
    case 'text':
    case 'name':
    case 'directory':
      return `a ${row.takes.kind}${row.fallback === 'off' ? ', or `off`' : ''}`;
  }
}
