// What a UOW runs, as an argv: from a job type, or from its command lines. Pure; that a program can be found and run is not
// judged here.
import type { JobType } from '../model/config.ts';
import { type Header, fieldRow } from '../model/header.ts';
import { partsFromTemplate } from '../model/job-type.ts';
import { patternFromText } from '../model/pattern.ts';

/** What {@link argvFromJobType} gives: program and arguments, or what is wrong with the header. */
export type JobArgv =
  | { readonly kind: 'argv'; readonly argv: readonly string[] }
  | { readonly kind: 'fault'; readonly message: string; readonly remedy: string };

/** A content that a pattern judges is at most this long. */
const contentLimit = 4096;

/**
 * Gives the argv of a job type with its slots filled from the header. Each slot is text inside one argument: nothing in it is
 * split, expanded or read by a shell. Contents of all declared fields are judged, also of those that argv does not use, because
 * the job reads them from its environment.
 */
export function argvFromJobType(jobType: JobType, header: Header): JobArgv {
  for (const field of Object.keys(jobType.fields)) {
    const content = contentOf(jobType, header, field);
    if (content.kind === 'fault') return content;
  }
  const argv: string[] = [];
  for (const template of jobType.argv) {
    const parsed = partsFromTemplate(template);
    if (parsed.kind === 'fault')
      return fault(`job type ${jobType.name}: ${parsed.message}`, 'mend its file in job-types');
    let argument = '';
    for (const part of parsed.parts) {
      const content = part.kind === 'text' ? part : contentOf(jobType, header, part.field);
      if (content.kind === 'fault') return content;
      if (content.kind === 'none') {
        const message = `job type ${jobType.name} needs the field ${content.field}`;
        return fault(message, `write ${content.field} :: … into the header`);
      }
      argument += content.text;
    }
    argv.push(argument);
  }
  if ((argv[0] ?? '') === '') return fault(`job type ${jobType.name} gives no program to run`, 'mend its argv');
  return { kind: 'argv', argv };
}

type Content = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'none'; readonly field: string };

function contentOf(jobType: JobType, header: Header, field: string): Content | (JobArgv & { readonly kind: 'fault' }) {
  const rule = Object.hasOwn(jobType.fields, field) ? jobType.fields[field] : undefined;
  const written = header.all(field);
  if (written.length > 1) {
    return fault(
      `${field} stands ${String(written.length)} times, and job type ${jobType.name} takes one`,
      'keep one of them',
    );
  }
  const text = written[0] ?? rule?.fallback;
  if (text === undefined) return { kind: 'none', field };
  if (text.includes('\0')) return fault(`${field} holds a NUL character, which no argument can hold`, 'remove it');
  if (rule?.pattern === undefined) return { kind: 'text', text };
  if (text.length > contentLimit) {
    return fault(
      `${field} is longer than ${String(contentLimit)} characters`,
      'put the content into a file and name that',
    );
  }
  const pattern = patternFromText(rule.pattern);
  if (pattern.kind === 'fault')
    return fault(`job type ${jobType.name}: bad pattern of ${field}: ${pattern.message}`, 'mend its file in job-types');
  if (pattern.matches(text)) return { kind: 'text', text };
  const whose = fieldRow(field) ? ` for job type ${jobType.name}` : '';
  return fault(`${field} is "${text}", which is not allowed${whose}`, `write what matches ${rule.pattern} as a whole`);
}

function fault(message: string, remedy: string): JobArgv & { readonly kind: 'fault' } {
  return { kind: 'fault', message, remedy };
}

/** Everything that a shell may read as more than a letter of a word. Control characters besides: no two shells agree on them. */
const shellSign = /[|&;<>()$`\\"'*?[\]#~=%!{}^\p{Cc}]/u;

/**
 * Reserved words and builtins of dash and bash. Also those that exist as programs (echo, kill, printf, pwd, test, time …): the
 * builtins read options differently.
 */
const shellWords = new Set(
  (
    'case coproc do done elif else esac fi for function if in select then time until while ' +
    '. : alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown echo enable ' +
    'eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile newgrp popd printf pushd pwd ' +
    'read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait'
  ).split(' '),
);

/** Shells for which a line without signs and builtins surely means: run this program with these arguments. */
const plainShells = new Set(['sh', 'dash', 'bash']);
/** Shells that take `set -e`. Others (fish, csh, python3 …) get the lines as they are. */
const posixShells = new Set([...plainShells, 'ash', 'ksh', 'ksh93', 'mksh', 'oksh', 'yash', 'zsh']);

/**
 * Gives what runs the command lines of a UOW. A single line that needs no shell is split at blanks and is `direct`, which saves
 * an exec; everything else goes to `shell -c`. Several lines are one script that stops at the first line that says no.
 */
export function argvFromCommand(
  lines: readonly string[],
  shell: string,
): { readonly argv: readonly string[]; readonly direct: boolean } {
  const shellName = shell.replace(/.*\//, '');
  const [line = ''] = lines;
  const words = line.split(/[ \t]/).filter((word) => word !== '');
  if (lines.length === 1 && plainShells.has(shellName) && isPlain(line, words)) return { argv: words, direct: true };
  const script = lines.length === 1 ? line : [...preludeOf(shellName), ...lines].join('\n');
  // A leading sign would be read as an option, also behind -c.
  return { argv: [shell, '-c', /^[-+]/.test(script) ? ` ${script}` : script], direct: false };
}

function isPlain(line: string, words: readonly string[]): boolean {
  const [first] = words;
  if (first === undefined || shellSign.test(line.replaceAll('\t', ' '))) return false;
  // With an argument the programs may print their help; alone they do what the builtins do.
  if (words.length === 1 && (first === 'true' || first === 'false')) return true;
  return !shellWords.has(first);
}

/**
 * Gives the lines before a script. dash of Debian 12 has no pipefail, and a fault of the special builtin `set` would end it;
 * behind `command` it does not, and costs no fork. zsh has pipefail, but its `command` runs programs only.
 */
function preludeOf(shellName: string): readonly string[] {
  if (!posixShells.has(shellName)) return [];
  const canPipefail = /^(bash|zsh|ksh)/.test(shellName);
  return ['set -e', canPipefail ? 'set -o pipefail' : 'command set -o pipefail 2>/dev/null || :'];
}
