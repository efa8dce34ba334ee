// Every message that monitor_reads takes: its form and what it means. HELP, the HOWTO block and the docs are made from it; what
// each does is rules/messages.ts.

/** The messages by the words they begin with. */
export type MessageKeyword =
  | 'HELP'
  | 'STATUS'
  | 'CONFIG'
  | 'RELOAD'
  | 'PAUSE'
  | 'RESUME'
  | 'SLOTS'
  | 'KILL JOB'
  | 'FINISH'
  | 'SHUTDOWN'
  | 'SHUTDOWN KILL';

/** One row: how it is written, and what the monitor does then. */
export interface MessageRow {
  readonly keyword: MessageKeyword;
  readonly form: string;
  readonly meaning: string;
}

export const messageTable: readonly MessageRow[] = [
  { keyword: 'HELP', form: 'HELP', meaning: 'list the messages' },
  { keyword: 'STATUS', form: 'STATUS', meaning: 'say how many UOWs stand where, and what runs' },
  { keyword: 'CONFIG', form: 'CONFIG', meaning: 'say the settings in force' },
  { keyword: 'RELOAD', form: 'RELOAD', meaning: 'read config.yaml anew and use it, whole or not at all' },
  { keyword: 'PAUSE', form: 'PAUSE', meaning: 'start nothing more until RESUME; outlives a restart' },
  { keyword: 'RESUME', form: 'RESUME', meaning: 'start UOWs again; also takes a FINISH back' },
  { keyword: 'SLOTS', form: 'SLOTS N', meaning: 'run at most N slots at once; outlives a restart' },
  {
    keyword: 'KILL JOB',
    form: 'KILL JOB [NAME]',
    meaning: 'end a running job, whole process tree; the name may be left out if only one runs',
  },
  { keyword: 'FINISH', form: 'FINISH', meaning: 'start nothing more and end after the running jobs' },
  { keyword: 'SHUTDOWN', form: 'SHUTDOWN', meaning: 'end now; running jobs go on and are adopted by the next monitor' },
  { keyword: 'SHUTDOWN KILL', form: 'SHUTDOWN KILL', meaning: 'end the running jobs, then end' },
];

/** Messages that the product knows but this version does not act on yet. */
const later = [
  'SUSPEND JOB',
  'RESUME JOB',
  'RETRY',
  'CANCEL',
  'HOLD',
  'RELEASE',
  'SKIP',
  'CONTINUE',
  'ACK',
  'NOTE',
  'PRIORITY',
  'SUBMIT',
  'FIRE',
  'ENABLE',
  'DISABLE',
  'PAUSE FLOW',
  'PAUSE GROUP',
  'RESUME FLOW',
  'RESUME GROUP',
  'CLOSE FLOW',
  'RESOURCE',
];

/** What a line of monitor_reads is. */
export type ParsedMessage =
  | {
      readonly kind: 'message';
      readonly keyword: MessageKeyword;
      readonly rest: string;
      readonly by: string | undefined;
    }
  | { readonly kind: 'later'; readonly keyword: string }
  | { readonly kind: 'unknown' };

/** Gives what a line asks for. Keywords are upper case; `by=WHO` at the end is split off. Never throws. */
export function messageFromText(line: string): ParsedMessage {
  const { text, by } = withoutBy(line.trim());
  const has = (keyword: string): boolean => text === keyword || text.startsWith(keyword + ' ');
  const known = messageTable
    .filter(({ keyword }) => has(keyword))
    .sort((a, b) => b.keyword.length - a.keyword.length)[0];
  const planned = later.filter(has).sort((a, b) => b.length - a.length)[0];
  if (planned !== undefined && planned.length > (known?.keyword.length ?? 0))
    return { kind: 'later', keyword: planned };
  if (!known) return { kind: 'unknown' };
  const rest = text.slice(known.keyword.length).trim();
  return { kind: 'message', keyword: known.keyword, rest, by };
}

/** Splits `by=WHO` off the end. By hand, because a pattern with an end takes hours for a megabyte of blanks. */
function withoutBy(line: string): { readonly text: string; readonly by: string | undefined } {
  let at = line.length;
  while (at > 0 && !/\s/.test(line.charAt(at - 1))) at--;
  const last = line.slice(at);
  if (at === 0 || !last.startsWith('by=') || last === 'by=') return { text: line, by: undefined };
  return { text: line.slice(0, at).trimEnd(), by: last.slice('by='.length) };
}
