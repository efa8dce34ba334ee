// sjq submit: drops a UOW and prints its name, nothing else, when it is durably in its queue.
import { basename } from 'node:path';
import { flowFromText } from '../../format/flow-parse.ts';
import { type TemplateText, wholeFlow } from '../../format/flow-use.ts';
import { sectionWith } from '../../format/flow-template.ts';
import { fieldName } from '../../format/head-lines.ts';
import { fieldAdded, fieldEdited } from '../../format/uow-edit.ts';
import { parseUow } from '../../format/uow-parse.ts';
import { type Bytes, bytesFromBuffer, bytesFromUtf8, nameFromShown, shownFromName } from '../../model/bytes.ts';
import { errnoOf, errorFromErrno } from '../../model/errno.ts';
import { type Problem, SjqError } from '../../model/errors.ts';
import { fieldRow } from '../../model/header.ts';
import { type RootPaths, rootPaths } from '../../model/paths.ts';
import { baseName, isIgnoredName, isReadmeName } from '../../model/queue.ts';
import type { Stamp } from '../../model/stamp.ts';
import { type UowHead, uniqueKeyIn } from '../../model/uow.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { templateTexts } from '../../monitor/survey/templates.ts';
import { submit, textFromFields } from '../../monitor/submit.ts';
import { realClock } from '../../system/clock.ts';
import { realFiles } from '../../system/files.ts';
import { readInput } from '../../system/input.ts';
import { textFromFinding } from '../finding.ts';
import { shellLine } from '../shell-line.ts';
import { uniqueHolder } from '../uow/unique-holder.ts';

export interface SubmitOptions {
  readonly name?: string;
  readonly priorityQueue: boolean;
  readonly field: readonly string[];
  readonly file?: string;
  readonly stamp?: Stamp;
  /** Not more than one UOW: a flow or an array is refused. */
  readonly isOne?: true;
}

export type Field = readonly [name: string, content: string];

/** A UOW that is ready to be dropped. */
export interface Drop {
  readonly text: Bytes;
  readonly name: Bytes;
}

/** A name made from a command is at most this long; one that a person gives may be longer. */
const madeNameLimit = 100;

/** Submits and gives the name. */
export function submitCommand(root: Bytes, command: readonly string[], options: SubmitOptions): Bytes {
  const fields = options.field.map(fieldFromOption);
  const config = readConfig(realFiles, root);
  const machine = { files: realFiles, clock: realClock, host: { pid: process.pid } };
  const paths = rootPaths(root, config);
  const { text, name } =
    options.file === undefined
      ? fromCommand(command, fields)
      : fromFile(options.file, command, { given: fields, templateText: templateTexts(realFiles, paths) });
  refuseDuplicate(text, paths);
  if (options.isOne && flowFromText(text).kind !== 'none')
    throw new SjqError(
      'usage',
      'a flow or an array has more UOWs than one to attend: sjq submit it, and sjq flow shows it',
    );
  return submit(machine, paths, {
    name: options.name === undefined ? name : nameFromShown(options.name),
    text,
    queue: options.priorityQueue ? 'priority' : 'wait',
    durability: config.durability,
    ...(options.stamp && { stamp: options.stamp }),
  });
}

/** @throws SjqError `no` if one waits or runs that has the same unique key */
function refuseDuplicate(text: Bytes, paths: RootPaths): void {
  const parsed = parseUow(text);
  const key = parsed.kind === 'uow' ? uniqueKeyIn(parsed.head) : undefined;
  const holder = key === undefined ? undefined : uniqueHolder(realFiles, paths, key);
  if (key === undefined || holder === undefined) return;
  throw new SjqError('no', `duplicate of ${shownFromName(holder)}: one that is unique as ${key} waits or runs already`);
}

/** Submits and prints the name. */
export function submitAndPrint(root: Bytes, command: readonly string[], options: SubmitOptions): void {
  process.stdout.write(submittedLine(submitCommand(root, command, options)));
}

/** Gives the line that is printed for a submitted UOW. */
export function submittedLine(name: Bytes): string {
  return `${shownFromName(name)}\n`;
}

/** Gives the field of a `--field`. @throws SjqError `usage` */
export function fieldFromOption(text: string): Field {
  const [, name, content = ''] = /^([^\s=:#][^\s=:]*)\s*=([^]*)$/.exec(text) ?? [];
  if (name === undefined)
    throw new SjqError('usage', `--field ${text}: write NAME=CONTENT, for instance --field timeout=2h`);
  if (/[\r\n\0]/.test(content)) throw new SjqError('usage', `--field ${name}: a field is one line`);
  return [name, content.trim()];
}

/** Gives the UOW of a command line, or of a command and its arguments. @throws SjqError */
export function fromCommand(command: readonly string[], fields: readonly Field[]): Drop {
  const job = fields.find(([name]) => fieldName(name) === 'job')?.[1];
  // One argument is a shell command line as it stands; several are one command whose arguments keep their bounds.
  const line = command.length === 1 ? (command[0] ?? '') : shellLine(command);
  if (/[\r\0]/.test(line)) throw new SjqError('usage', 'a command line cannot hold a carriage return or NUL');
  // A line break is the end of a line of the script, unless it stands inside one of several arguments.
  if (command.length > 1 && line.includes('\n'))
    throw new SjqError('usage', 'an argument with a line break cannot stand in a header: write a script file');
  const lines = line.split('\n').filter((each) => each.trim() !== '');
  const hasCommand = lines.length > 0 || fields.some(([name]) => fieldName(name) === 'command');
  if (!hasCommand && job === undefined)
    throw new SjqError('usage', 'nothing to submit: write a command behind --, or -f FILE, or --field job=TYPE');
  const header: Field[] = lines.map((each) => ['command', each]);
  if (hasCommand && !fields.some(([name]) => fieldName(name) === 'directory')) header.push(hereField());
  const text = textFromFields([...header, ...fields]);
  // The lines of a text that nobody has seen would tell nobody anything.
  headOrRefused(text, (problem) => textFromFinding('submit', { ...problem, line: 0 }));
  return { text, name: bytesFromUtf8(nameFromCommand(command, job)) };
}

function nameFromCommand(command: readonly string[], job: string | undefined): string {
  // Of a shell line the program, of a command its first argument; assignments before it are passed over.
  const words = command.length === 1 ? (command[0] ?? '').trim().split(/\s+/) : command;
  const program = words.find((word) => !/^\w+=/.test(word)) ?? job ?? '';
  const name = basename(program)
    .replace(/[^\w.@+-]/g, '_')
    .replace(/^\.+/, '')
    .slice(0, madeNameLimit);
  return name === '' || isIgnoredName(name) || isReadmeName(name) ? 'job' : name;
}

/** Where the submitter stands is where the job runs. */
function hereField(): Field {
  const here = process.cwd();
  if (/[\r\n]/.test(here))
    throw new SjqError('usage', 'this directory’s name holds a line break: say --field directory=…');
  return ['directory', here];
}

function fromFile(
  file: string,
  command: readonly string[],
  { given, templateText }: { readonly given: readonly Field[]; readonly templateText: TemplateText },
): Drop {
  if (command.length > 0) throw new SjqError('usage', 'write either a command behind -- or -f FILE, not both');
  let text = textOf(file);
  const shownFile = file === '-' ? '(stdin)' : file;
  const name = file === '-' ? bytesFromUtf8('stdin') : bytesFromUtf8(baseName(basename(file)));
  const read = wholeFlow(text, templateText, name);
  const isOneArray = read.kind === 'flow' && read.flow.sections[0]?.name === '';
  if (read.kind === 'flow' && !isOneArray) return { name, text: flowFromFile(text, given) };
  const shown = (problem: Problem): string => textFromFinding(shownFile, problem);
  if (read.kind === 'invalid') throw new SjqError('bad-uow', read.problems.map(shown).join('\n'));
  let head = headOrRefused(text, shown);
  const fields = [...given];
  const names = new Set([...head.header.map((line) => line.name), ...given.map((field) => fieldName(field[0]))]);
  if (names.has('command') && !names.has('directory')) fields.push(hereField());
  const done = new Set<string>();
  for (const [field, content] of fields) {
    const key = fieldName(field);
    const row = fieldRow(key);
    if (row && !row.repeatable && done.has(key))
      throw new SjqError('usage', `--field ${field} is given twice, and a header has one: keep one`);
    // What may stand several times is added to what the file says; anything else takes its place.
    const edited = row?.repeatable || done.has(key) ? fieldAdded : fieldEdited;
    done.add(key);
    text = edited(text, head, field, content);
    // The file was good: what is wrong now came from the command line, and its line numbers would mislead.
    head = headOrRefused(text, (problem) => textFromFinding(shownFile, { ...problem, line: 0 }));
  }
  return { text, name };
}

/** Where a section says no directory, its job runs where the submitter stands, as that of a UOW does. */
function flowFromFile(flow: Bytes, given: readonly Field[]): Bytes {
  if (given.length > 0) throw new SjqError('usage', '--field is for one UOW: write it into the sections of the flow');
  // As it is written: what it uses is written out when it is taken in.
  const read = flowFromText(flow);
  const texts = (read.kind === 'flow' ? read.flow.sections : []).map(({ name, text, header }) => {
    const has = (field: string): boolean => header.some((line) => line.name === field);
    return sectionWith(name, text, has('command') && !has('directory') ? [hereField()] : []);
  });
  return texts.join('\n') as Bytes;
}

function textOf(file: string): Bytes {
  try {
    return bytesFromBuffer(readInput(file));
  } catch (error) {
    const shown = shownFromName(bytesFromUtf8(file));
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'EISDIR') {
      const reason = errno === 'ENOENT' ? 'there is no such file' : 'it is a directory';
      throw new SjqError('no-such-uow', `${shown} cannot be read: ${reason}: name a UOW file`, { cause: error });
    }
    throw errorFromErrno(errno, shown, error) ?? error;
  }
}

/** Gives the head of a text. @throws SjqError `bad-uow` with every problem as `shown` words it */
function headOrRefused(text: Bytes, shown: (problem: Problem) => string): UowHead {
  const parsed = parseUow(text);
  if (parsed.kind === 'uow') return parsed.head;
  throw new SjqError('bad-uow', parsed.problems.map(shown).join('\n'));
}
