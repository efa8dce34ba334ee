// The table of header fields in docs/uow-format.md, generated from the table that headers are read by.
import { type FieldRow, headerFields } from '../model/header.ts';

/** Gives the Markdown table of the fields that this version acts on. */
export function fieldTable(): string {
  return tableOf(
    headerFields.filter((row) => !row.later),
    'meaning',
  );
}

/** Gives the Markdown table of the fields that are known, checked and kept, and not acted on yet. */
export function laterFieldTable(): string {
  return tableOf(
    headerFields.filter((row) => row.later),
    'will mean',
  );
}

/** Gives the Markdown table of some fields. */
export function tableOf(fields: readonly FieldRow[], heading: string): string {
  return (
    [`| field | takes | default | ${heading} |`, '| --- | --- | --- | --- |', ...fields.map(rowOf)].join('\n') + '\n'
  );
}

function rowOf(row: FieldRow): string {
  const times = row.repeatable ? '; may stand several times' : '';
  const fallback = row.fallback === undefined ? '' : `\`${row.fallback}\``;
  const name = row.name.replace('.*', '.NAME');
  return `| \`${name}\` | ${takesOf(row)}${times} | ${fallback} | ${sentence(row.meaning)} |`;
}

function sentence(meaning: string): string {
  // A field's name at the beginning keeps its case.
  const text = /^[`\d]|^(fail|error)\b/.test(meaning)
    ? meaning
    : `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}`;
  return `${text}.`;
}

function takesOf({ name, takes }: FieldRow): string {
  switch (takes.kind) {
    case 'text':
      return 'text';
    case 'duration':
      return 'a duration';
    case 'whole':
      return `${takes.min} to ${takes.max}`;
    case 'choice':
      // Eight levels of one word would fill the table.
      return name === 'ionice'
        ? '`idle`, `best-effort`, `realtime`, `best-effort:0` to `:7`'
        : takes.of.map((word) => `\`${word}\``).join(', ');
    case 'exits':
      return 'exit codes';
    case 'octal':
      return 'an octal mode';
    case 'pattern':
      return 'a pattern';
    case 'form':
      return takes.called;
  }
}
