// What can be wrong with a head, and what its writer should do about it. Reading the head is uow-parse; the contents of single
// fields are model/header's.
import { isUtf8, shownShort, utf8FromBytes, type Bytes } from '../model/bytes.ts';
import type { Problem } from '../model/errors.ts';
import { fieldRow, headerFields } from '../model/header.ts';
import { nearestName } from '../model/nearest.ts';
import { headLimitBytes, type HeaderLine } from '../model/uow.ts';
import type { HeadLine } from './head-lines.ts';

/** A file that is no UOW at all, such as a dropped program, is not worth a message of thousands of lines. */
const mostFindings = 100;

/** Gives problems or warnings by line, those of the file as a whole (line 0) first; the first 100 and a word that there are more. */
export function sortedFindings(findings: readonly Problem[]): readonly Problem[] {
  if (findings.length < 2) return findings;
  const inOrder = findings.toSorted((a, b) => a.line - b.line);
  if (inOrder.length <= mostFindings) return inOrder;
  return [...inOrder.slice(0, mostFindings), { line: 0, message: 'and there is more', remedy: '' }];
}

export function timestampProblem(line: HeadLine): Problem {
  return {
    line: line.number,
    message: `bad timestamp: "${shownLine(line)}"`,
    remedy: 'write `timestamp: SECONDS-ORDINAL EVENT`, or leave the line out and it is put in',
  };
}

export function lengthProblem(): Problem {
  return {
    line: 0,
    message: `the head is longer than ${String(headLimitBytes / 1024)} KiB`,
    remedy: 'move what is long into a script or a file of its own; output belongs below a ==== JOB LOG title',
  };
}

/** Gives a problem for each line with a NUL or without UTF-8 (the first 100 or so) in the first `end` bytes. */
export function byteProblems(bytes: Bytes, lines: readonly HeadLine[], end: number): readonly Problem[] {
  const head = bytes.slice(0, end);
  if (!head.includes('\0') && isUtf8(head)) return [];
  const problems: Problem[] = [];
  for (const line of lines) {
    if (line.next > end || problems.length > mostFindings) break;
    const text = bytes.slice(line.start, line.next);
    if (text.includes('\0')) {
      problems.push({ line: line.number, message: 'a NUL byte', remedy: 'a UOW is plain text: remove it' });
    }
    if (!isUtf8(text)) problems.push({ line: line.number, message: 'not UTF-8', remedy: 'save the file as UTF-8' });
  }
  return problems;
}

/** Gives the problem of a file without the title, which all the lines in it have in common. */
export function titleProblem(lines: readonly HeadLine[]): Problem {
  const hasBareCr = lines.some((line) => line.text.includes('\r'));
  const remedy = hasBareCr ? 'end the lines with LF, not CR alone' : 'write it above the header, on a line of its own';
  return { line: 0, message: 'there is no ==== UNIT OF WORK title', remedy };
}

export function flowProblem(title: HeadLine): Problem {
  return {
    line: title.number,
    message: 'a flow, where one UOW is wanted',
    remedy: 'copy a flow into wait-q; one UOW has one ==== UNIT OF WORK title and no name behind it',
  };
}

/** Gives the problem of a content line that has no place where it stands. */
export function strayProblem(line: HeadLine): Problem {
  const shown = shownLine(line);
  if (line.text.startsWith('====')) {
    return {
      line: line.number,
      message: `unknown title: "${shown}"`,
      remedy: 'the titles are ==== UNIT OF WORK, ==== STATUS and ==== JOB LOG, from the beginning of the line',
    };
  }
  if (line.section === 'top') {
    const remedy = 'move the line below the title, or begin it with #';
    return { line: line.number, message: `a line above ==== UNIT OF WORK: "${shown}"`, remedy };
  }
  if (line.section === 'status') {
    const remedy = 'keep one line; fields stand below ==== UNIT OF WORK, output below ==== JOB LOG';
    return { line: line.number, message: `a second line of STATUS: "${shown}"`, remedy };
  }
  const remedy = 'write NAME :: CONTENT, with blanks around the :: and none in the name, or begin the line with #';
  return { line: line.number, message: `not a header line: "${shown}"`, remedy };
}

const families = ['env.', 'secret.'] as const;

/** Gives the problems of a header as a whole: what is to be run, and names of variables. `titleLine` is where it begins. */
export function jobProblems(header: readonly HeaderLine[], titleLine: number): readonly Problem[] {
  const problems: Problem[] = [];
  const command = header.find((field) => field.name === 'command');
  const job = header.find((field) => field.name === 'job');
  const use = header.find((field) => field.name === 'use' || field.name === 'used');
  if (use) {
    const remedy = 'it stands without a command in a section of a flow: ==== UNIT OF WORK name';
    problems.push({ line: use.line, message: `${use.name} in a UOW that is no section of a flow`, remedy });
  } else if (!command && !job) {
    const remedy = 'write what is to be run, such as command :: rsync -a /home /backup';
    problems.push({ line: titleLine, message: 'there is neither a command nor a job', remedy });
  }
  if (command && job) {
    const message = `both a command (line ${String(command.line)}) and a job (line ${String(job.line)})`;
    problems.push({ line: Math.max(command.line, job.line), message, remedy: 'keep one of them' });
  }
  for (const { name, line } of header) {
    const family = families.find((each) => name.startsWith(each));
    if (family === undefined || /^[A-Za-z_][A-Za-z0-9_]*$/.test(name.slice(family.length))) continue;
    const remedy = `write ${family}NAME with letters, digits and _ only, no digit first`;
    problems.push({ line, message: `"${shownShort(name)}" names no variable`, remedy });
  }
  return problems;
}

export function statusWarning(line: HeadLine): Problem {
  const remedy = 'it counts as no status, and is written anew when the UOW moves on';
  return { line: line.number, message: `unknown status: "${shownLine(line)}"`, remedy };
}

const knownNames = headerFields.map((row) => row.name.replace('*', ''));

/** Gives a warning for each field that this version does not act on, once a name. */
export function fieldWarnings(header: readonly HeaderLine[]): readonly Problem[] {
  const warnings: Problem[] = [];
  const said = new Set<string>();
  for (const { name, line } of header) {
    const row = fieldRow(name);
    if ((row && !row.later) || said.has(name)) continue;
    said.add(name);
    const shown = shownShort(name);
    if (row) {
      const remedy = 'it is kept; do not rely on it yet';
      warnings.push({ line, message: `${shown} is not acted on by this version`, remedy });
      continue;
    }
    // The rest would not be shown, and comparing thousands of names takes long.
    const near = said.size > mostFindings ? undefined : nearestName(name, knownNames.filter(canBeMeantBy(name)));
    const variable = `the job gets it as ${shownShort(`SJQ_${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`)}`;
    const remedy = near === undefined ? variable : `did you mean ${near}? As it stands, ${variable}`;
    warnings.push({ line, message: `unknown field ${shown}`, remedy });
  }
  return warnings;
}

/** Most fields that the table does not know are meant so, and comparing one with all names takes longer than parsing the head. */
function canBeMeantBy(name: string): (known: string) => boolean {
  return (known) =>
    Math.abs(known.length - name.length) <= name.length / 3 &&
    (known[0] === name[0] || known[0] === name[1] || known[1] === name[0]);
}

function shownLine(line: HeadLine): string {
  return shownShort(utf8FromBytes(line.text.slice(0, 400)));
}
