// Every message that monitor_reads takes: its form, what it means, and how a line is read. HELP, the HOWTO block and the docs are
// made from the table; what each does is plan/messages.
import { type Bytes, isUtf8, nameFromShown, utf8FromBytes } from './bytes.ts';
import { greatestCount, isResourceName } from './needs.ts';

/** Messages that stand alone on their line. */
type PlainKeyword =
  'HELP' | 'STATUS' | 'CONFIG' | 'RELOAD' | 'PAUSE' | 'RESUME' | 'FINISH' | 'SHUTDOWN' | 'SHUTDOWN KILL';

/** Messages about one UOW, whose name stands behind them. */
export type UowKeyword = 'RETRY' | 'CANCEL' | 'HOLD' | 'RELEASE' | 'SKIP' | 'CONTINUE' | 'ACK' | 'NOTE' | 'PRIORITY';

/** Messages about the running job of one UOW, whose name stands behind them. */
export type JobKeyword = 'SUSPEND JOB' | 'RESUME JOB';

/** Messages about a schedule, whose name stands behind them. */
export type ScheduleKeyword = 'FIRE' | 'ENABLE' | 'DISABLE';

/** Messages about a flow, whose name stands behind them. */
export type FlowKeyword = 'PAUSE FLOW' | 'RESUME FLOW' | 'CLOSE FLOW';

/** Messages about a group of UOWs, whose name stands behind them. */
export type GroupKeyword = 'PAUSE GROUP' | 'RESUME GROUP';

/** The messages by the words they begin with. */
export type MessageKeyword =
  | PlainKeyword
  | UowKeyword
  | JobKeyword
  | ScheduleKeyword
  | FlowKeyword
  | 'SLOTS'
  | 'RESOURCE'
  | GroupKeyword
  | 'KILL JOB'
  | 'SUBMIT';

/** One row: how it is written, what stands behind its keyword, and what the monitor does then. */
export interface MessageRow {
  readonly keyword: MessageKeyword;
  readonly form: string;
  readonly takes:
    | 'nothing'
    | 'count'
    | 'name-and-count'
    | 'group-name'
    | 'optional-name'
    | 'name'
    | 'schedule-name'
    | 'flow-name'
    | 'name-and-note'
    | 'name-and-text'
    | 'fields';
  readonly meaning: string;
}

const row = (form: string, takes: MessageRow['takes'], meaning: string): MessageRow => {
  // The keyword is what stands in the form before its first placeholder.
  const keyword = form.replace(/ (\[?NAME|N|JOBTYPE)\b.*/, '') as MessageKeyword;
  return { keyword, form, takes, meaning };
};

export const messageTable: readonly MessageRow[] = [
  row('HELP', 'nothing', 'list the messages'),
  row('STATUS', 'nothing', 'say how many UOWs stand where, and what runs'),
  row('CONFIG', 'nothing', 'say the settings in force'),
  row('RELOAD', 'nothing', 'read config.yaml anew and use it, whole or not at all'),
  row('PAUSE', 'nothing', 'start nothing more until RESUME; outlives a restart'),
  row('RESUME', 'nothing', 'start UOWs again; also takes a FINISH back'),
  row('SLOTS N', 'count', 'run at most N slots at once; outlives a restart'),
  row('PAUSE GROUP NAME', 'group-name', 'nothing more of a group is started until RESUME GROUP; outlives a restart'),
  row('RESUME GROUP NAME', 'group-name', 'let a paused group go on'),
  row('RESOURCE NAME N', 'name-and-count', 'there is so much of a resource from now on; outlives a restart'),
  row(
    'SUBMIT JOBTYPE FIELD=VALUE …',
    'fields',
    'put a UOW of a job type into wait-q; a value with blanks in double quotes',
  ),
  row('HOLD NAME', 'name', 'a waiting UOW is not started until RELEASE'),
  row('RELEASE NAME', 'name', 'let a held UOW go'),
  row('PRIORITY NAME N', 'name-and-text', 'change the priority of a waiting UOW; higher goes first'),
  row('SKIP NAME', 'name', 'move a waiting UOW to done-q as skipped; what waits for it goes on'),
  row('CANCEL NAME', 'name', 'move a waiting UOW to archive as cancelled'),
  row('RETRY NAME', 'name', 'run an ended, archived or trashed UOW once more; also by mv'),
  row('KILL JOB [NAME]', 'optional-name', 'end a running job, whole process tree; without a name if only one runs'),
  row('SUSPEND JOB NAME', 'name', 'stop a running job where it is; it keeps its slot, and its timeout goes on'),
  row('RESUME JOB NAME', 'name', 'let a suspended job go on'),
  row(
    'ACK NAME [NOTE]',
    'name-and-note',
    'somebody takes care of a UOW in error-q or fail-q; releases nobody, silences alarms',
  ),
  row('CONTINUE NAME', 'name', 'leave a UOW in error-q or fail-q and let what waits for it go on'),
  row('NOTE NAME TEXT', 'name-and-text', 'append a note to a UOW'),
  row('PAUSE FLOW NAME', 'flow-name', 'start nothing more of a flow until RESUME FLOW; outlives a restart'),
  row('RESUME FLOW NAME', 'flow-name', 'let a paused flow go on'),
  row('CLOSE FLOW NAME', 'flow-name', 'let a persistent flow be done: no more UOWs join it'),
  row('FIRE NAME', 'schedule-name', 'make a UOW of a schedule now, besides its times'),
  row('DISABLE NAME', 'schedule-name', 'a schedule makes nothing until ENABLE; outlives a restart'),
  row('ENABLE NAME', 'schedule-name', 'let a schedule go on; what was due meanwhile is not made up for'),
  row('FINISH', 'nothing', 'start nothing more and end after the running jobs'),
  row('SHUTDOWN', 'nothing', 'end now; running jobs go on and are adopted by the next monitor'),
  row('SHUTDOWN KILL', 'nothing', 'end the running jobs, then end'),
];

/** What a good line asks for. */
export type Message =
  | { readonly kind: 'plain'; readonly keyword: PlainKeyword }
  | { readonly kind: 'slots'; readonly count: number }
  | { readonly kind: 'group'; readonly keyword: GroupKeyword; readonly name: string }
  | { readonly kind: 'resource'; readonly name: string; readonly count: number }
  | { readonly kind: 'kill-job'; readonly name?: Bytes }
  /** `text` is what stands behind the name: a note, a number, or nothing. */
  | {
      readonly kind: 'uow';
      readonly keyword: UowKeyword | JobKeyword;
      readonly name: Bytes;
      readonly text: string;
    }
  | { readonly kind: 'schedule'; readonly keyword: ScheduleKeyword; readonly name: Bytes }
  | { readonly kind: 'flow'; readonly keyword: FlowKeyword; readonly name: Bytes }
  | { readonly kind: 'submit'; readonly jobType: string; readonly fields: readonly (readonly [string, string])[] };

/** What a line of monitor_reads is. `by` is who signed it. */
export interface ParsedMessage {
  readonly message: Message | { readonly kind: 'refused'; readonly why: string };
  readonly by?: string;
}

/** Gives what a line asks for. Keywords are upper case; `by=WHO` at the end is split off. Never throws. */
export function messageFromText(line: string): ParsedMessage {
  const { text, by } = withoutBy(line.trim());
  return { message: messageOf(text), ...(by !== undefined && { by }) };
}

function messageOf(text: string): ParsedMessage['message'] {
  const has = (keyword: string): boolean => text === keyword || text.startsWith(keyword + ' ');
  const longest = (keywords: readonly string[]): string =>
    keywords.filter(has).reduce((best, each) => (each.length > best.length ? each : best), '');
  const keyword = longest(messageTable.map((each) => each.keyword));
  const found = messageTable.find((each) => each.keyword === keyword);
  if (!found) return refused('no such message: write HELP for the list');
  return withRest(found, text.slice(keyword.length).trim());
}

function withRest({ keyword, takes, form }: MessageRow, rest: string): ParsedMessage['message'] {
  switch (takes) {
    case 'nothing':
      return rest === ''
        ? { kind: 'plain', keyword: keyword as PlainKeyword }
        : refused(`${keyword} stands alone on its line`);
    case 'count': {
      const count = /^\d{1,5}$/.test(rest) ? Number(rest) : 0;
      return count < 1 ? refused(`write ${keyword} and a whole number from 1 on`) : { kind: 'slots', count };
    }
    case 'name-and-count': {
      const [, name = '', digits = ''] = /^(\S+)\s+(\d{1,7})$/.exec(rest) ?? [];
      if (!isResourceName(name) || Number(digits) > greatestCount) return refused(`write ${form}, N from 0 on`);
      return { kind: 'resource', name, count: Number(digits) };
    }
    case 'group-name':
      if (rest === '') return refused(`write ${form}`);
      return { kind: 'group', keyword: keyword as GroupKeyword, name: utf8FromBytes(nameFromShown(rest)) };
    case 'optional-name':
      return { kind: 'kill-job', ...(rest !== '' && { name: nameFromShown(rest) }) };
    case 'fields':
      return submitOf(rest);
    case 'name':
      // Nothing can follow the name: one with blanks may stand there without quotes.
      if (rest === '') return refused(`write ${form}`);
      return { kind: 'uow', keyword: keyword as UowKeyword | JobKeyword, name: nameFromShown(rest), text: '' };
    case 'schedule-name':
      if (rest === '') return refused(`write ${form}`);
      return { kind: 'schedule', keyword: keyword as ScheduleKeyword, name: nameFromShown(rest) };
    case 'flow-name':
      if (rest === '') return refused(`write ${form}`);
      return { kind: 'flow', keyword: keyword as FlowKeyword, name: nameFromShown(rest) };
    case 'name-and-note':
    case 'name-and-text': {
      const [word, text] = firstWord(rest);
      if (word === '' || (takes === 'name-and-text' && text === '')) {
        return refused(`write ${form}; a name with blanks in double quotes`);
      }
      return { kind: 'uow', keyword: keyword as UowKeyword, name: nameFromShown(word), text };
    }
  }
}

function submitOf(rest: string): ParsedMessage['message'] {
  const [word, behind] = firstWord(rest);
  const jobType = utf8FromBytes(nameFromShown(word));
  if (jobType === '' || jobType.includes('='))
    return refused('write SUBMIT, a job type, and FIELD=VALUE for each of its fields');
  const fields: (readonly [string, string])[] = [];
  let left = behind;
  while (left !== '') {
    const name = /^[^\s=":#][^\s=":]*(?==)/.exec(left)?.[0];
    if (name === undefined) return refused(`write FIELD=VALUE, not ${firstWord(left)[0]}`);
    const [value, more] = firstWord(left.slice(name.length + 1));
    const content = nameFromShown(value);
    const isOpen = value.startsWith('"') && (value.length < 2 || !value.endsWith('"'));
    if (isOpen || !isUtf8(content)) return refused(`write ${name}=VALUE, one with blanks in double quotes, as UTF-8`);
    fields.push([name, utf8FromBytes(content)]);
    left = more;
  }
  return { kind: 'submit', jobType, fields };
}

/** Splits the first word off; one in double quotes may hold blanks and `\"`, and keeps its quotes. */
function firstWord(text: string): readonly [word: string, rest: string] {
  const word = /^"(?:[^"\\]|\\.)*"(?=\s|$)/.exec(text)?.[0] ?? /^\S*/.exec(text)?.[0] ?? '';
  return [word, text.slice(word.length).trimStart()];
}

function refused(why: string): { readonly kind: 'refused'; readonly why: string } {
  return { kind: 'refused', why };
}

/** Splits `by=WHO` off the end. By hand, because a pattern with an end takes hours for a megabyte of blanks. */
function withoutBy(line: string): { readonly text: string; readonly by: string | undefined } {
  let at = line.length;
  while (at > 0 && !/\s/.test(line.charAt(at - 1))) at--;
  const last = line.slice(at);
  // A quote is the end of a name that holds the word.
  if (at === 0 || !last.startsWith('by=') || last === 'by=' || last.endsWith('"')) return { text: line, by: undefined };
  return { text: line.slice(0, at).trimEnd(), by: last.slice('by='.length) };
}
