// sjq submit: drops a UOW and prints its name, nothing else, when it is durably in its queue.
import { basename } from 'node:path';
import { fieldEdited } from '../../format/uow-edit.ts';
import { parseUow } from '../../format/uow-parse.ts';
import { type Bytes, bytesFromBuffer, bytesFromUtf8, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { rootPaths } from '../../model/paths.ts';
import { baseName } from '../../model/queue.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { submit, textFromFields } from '../../monitor/submit.ts';
import { realFiles } from '../../system/files.ts';
import { readInput } from '../../system/input.ts';
import { realMachine } from '../machine.ts';
import { shellLine } from '../shell-line.ts';

export interface SubmitOptions {
  readonly name?: string;
  readonly priorityQueue: boolean;
  readonly field: readonly string[];
  readonly file?: string;
}

/** Submits and gives the name. */
export function submitCommand(root: Bytes, command: readonly string[], options: SubmitOptions): Bytes {
  const fields = options.field.map(fieldFromOption);
  const { text, name } =
    options.file === undefined ? fromCommand(command, fields) : fromFile(options.file, command, fields);
  const config = readConfig(realFiles, root);
  return submit(realMachine(), rootPaths(root, config), {
    name: options.name === undefined ? name : nameFromShown(options.name),
    text,
    queue: options.priorityQueue ? 'priority' : 'wait',
    durability: config.durability,
  });
}

/** Gives the line that is printed for a submitted UOW. */
export function submittedLine(name: Bytes): string {
  return `${shownFromName(name)}\n`;
}

function fieldFromOption(text: string): readonly [string, string] {
  const match = /^([^\s=:]+)\s*=([^]*)$/.exec(text);
  if (!match) throw new SjqError('usage', `--field ${text}: write NAME=CONTENT, for instance --field timeout=2h`);
  return [match[1] ?? '', (match[2] ?? '').trim()];
}

function fromCommand(
  command: readonly string[],
  fields: readonly (readonly [string, string])[],
): { readonly text: Bytes; readonly name: Bytes } {
  const hasJob = fields.some(([name]) => name === 'job' || name === 'command');
  if (command.length === 0 && !hasJob)
    throw new SjqError('usage', 'nothing to submit: write a command behind --, or -f FILE, or --field job=TYPE');
  for (const [name, content] of fields) {
    if (/[\r\n\0]/.test(content)) throw new SjqError('usage', `--field ${name}: a field is one line`);
  }
  // One argument is a shell command line as it stands; several are one command whose arguments keep their bounds.
  const lines = command.length === 1 ? (command[0] ?? '').split('\n') : command.length > 1 ? [shellLine(command)] : [];
  if (lines.some((line) => /[\r\0]/.test(line)))
    throw new SjqError('usage', 'a command line cannot hold a carriage return or NUL');
  const header: (readonly [string, string])[] = lines
    .filter((line) => line.trim() !== '')
    .map((line) => ['command', line]);
  if (!fields.some(([name]) => name === 'directory')) header.push(['directory', process.cwd()]);
  const first = command[0]?.trim().split(/\s+/)[0] ?? fields.find(([name]) => name === 'job')?.[1] ?? 'job';
  const name =
    basename(first)
      .replace(/[^\w.+-]/g, '_')
      .replace(/^\.+/, '') || 'job';
  return { text: textFromFields([...header, ...fields]), name: bytesFromUtf8(name) };
}

function fromFile(
  file: string,
  command: readonly string[],
  fields: readonly (readonly [string, string])[],
): { readonly text: Bytes; readonly name: Bytes } {
  if (command.length > 0) throw new SjqError('usage', 'write either a command behind -- or -f FILE, not both');
  let text: Bytes;
  try {
    text = bytesFromBuffer(readInput(file));
  } catch (error) {
    throw new SjqError('bad-uow', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  for (const [name, content] of fields) {
    const parsed = parseUow(text);
    // An invalid one is refused with all its problems by submit itself.
    if (parsed.kind === 'uow') text = fieldEdited(text, parsed.head, name, content);
  }
  return { text, name: file === '-' ? bytesFromUtf8('stdin') : bytesFromUtf8(baseName(basename(file))) };
}
