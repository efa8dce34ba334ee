// The run record `.sjq/runs/ID.run`: what the monitor writes at a claim, what the guardian reads, and the two reserved lines
// that are overwritten in place afterwards, so that a full disk cannot lose an exit code:
//
//   line 1, 256 bytes: the result, written by the guardian            (blank until then); before it two lines of the shell's
//                      `times`, in records of a guardian that measured
//   line 2,  64 bytes: the destination and where the output ends, written by the monitor (blank until then)
//   then fields, each a line: the order that launcher.sh reads, at the end one of JSON for the monitor, whose last word is the sum
//                      of all the fields. The first one is `2`. Where one holds a newline, and in records of older versions, it
//                      is `1`, and each field is a newline, its bytes, and a NUL: bash reads that a byte a call
import { type Bytes, bytesFromUtf8, utf8FromBytes } from '../model/bytes.ts';
import type { Destination, EndReason, Launch, RunRecord, RunResult } from '../model/run.ts';
import { queueKinds } from '../model/queue.ts';

export const resultLineBytes = 256;
export const destinationOffset: number = resultLineBytes;
export const destinationLineBytes = 64;
const fieldsOffset = resultLineBytes + destinationLineBytes;

/** A record as found on disk; undefined in place of what is not written yet. */
export interface ReadRecord {
  readonly record: RunRecord;
  readonly result?: RunResult;
  readonly destination?: Destination;
  /** Where the attempt's output ends in the UOW's file: what follows is the monitor's. */
  readonly outputEndsAt?: number;
  /** Where that of its hooks ends, which stands behind it. */
  readonly hooksEndAt?: number;
}

/** Gives the bytes of a fresh record, its reserved lines blank. */
export function textFromRunRecord(record: RunRecord): Bytes {
  const { launch, ...rest } = record;
  const told = [
    record.token,
    launch.directory,
    launch.input,
    outputField(launch),
    launch.leftovers,
    launch.timeoutMs === undefined ? '' : String(launch.timeoutMs / 1000),
    String(launch.graceMs * 1000),
    launch.umask ?? '',
    launch.cgroup,
    String(launch.environment.length),
    String(launch.secrets.length),
    String(launch.argv.length),
    ...launch.environment,
    ...launch.secrets,
    ...launch.argv,
  ];
  const isLines = told.every((field) => !field.includes('\n'));
  const fields = [isLines ? '2' : '1', ...told];
  const json = bytesFromUtf8(JSON.stringify({ ...rest, sum: sumOf(fields, rest) }));
  const blank = (lengthBytes: number): string => ' '.repeat(lengthBytes - 1) + '\n';
  return (blank(resultLineBytes) +
    blank(destinationLineBytes) +
    [...fields, json].map((field) => (isLines ? `${field}\n` : `\n${field}\0`)).join('')) as Bytes;
}

/** Gives `tee` or `append`, and behind it what few ask for: records of older versions have the first word alone. */
function outputField({ output, idleMs, keep }: Launch): string {
  const idle = idleMs === undefined ? '' : ` idle=${idleMs / 1000}`;
  return `${output}${idle}${keep ? ` keep=${keep.fileKib}:${keep.headBytes}:${keep.tailBytes}` : ''}`;
}

function launchFromOutput(field = ''): Pick<Launch, 'output' | 'idleMs' | 'keep'> {
  const idle = / idle=(\d+(?:\.\d+)?)/.exec(field)?.[1];
  const [, fileKib, headBytes, tailBytes] = (/ keep=(\d+):(\d+):(\d+)/.exec(field) ?? []).map(Number);
  return {
    output: field.startsWith('append') ? 'append' : 'tee',
    ...(idle !== undefined && { idleMs: Math.round(Number(idle) * 1000) }),
    ...(fileKib !== undefined &&
      headBytes !== undefined &&
      tailBytes !== undefined && { keep: { fileKib, headBytes, tailBytes } }),
  };
}

/** FNV-1a: enough to tell a record from one that a disk or an editor made of it. @see docs/decisions/0023 */
function sumOf(fields: readonly string[], rest: object): number {
  const text = fields.join('\0') + JSON.stringify(rest);
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum >>> 0;
}

/** Gives what a record says; undefined if it is not the very one that was written (torn by a power cut, garbled, or not ours). Never throws. */
export function runRecordFromText(text: Bytes): ReadRecord | undefined {
  const rest = text.slice(fieldsOffset);
  const isLines = rest.startsWith('2\n');
  const fields = isLines ? rest.split('\n') : rest.split('\0').map((field) => field.slice(1));
  // split leaves an empty piece behind the last end of a field
  if (fields.pop() !== '' || fields[0] !== (isLines ? '2' : '1')) return undefined;
  const [, , directory = '', input = '', output, leftovers, timeout = '', grace, umask = '', cgroup = ''] = fields;
  const counts = fields.slice(10, 13).map(Number);
  const [environments = NaN, secrets = NaN, words = NaN] = counts;
  const at = 13;
  if (fields.length !== at + environments + secrets + words + 1) return undefined;
  const slice = (from: number, count: number): readonly Bytes[] => fields.slice(from, from + count) as Bytes[];
  const launch: Launch = {
    argv: slice(at + environments + secrets, words),
    environment: slice(at, environments),
    secrets: slice(at + environments, secrets),
    directory: directory as Bytes,
    input: input as Bytes,
    ...launchFromOutput(output),
    leftovers: leftovers === 'leave' ? 'leave' : 'kill',
    ...(timeout === '' ? {} : { timeoutMs: Math.round(Number(timeout) * 1000) }),
    graceMs: Number(grace) / 1000,
    ...(umask === '' ? {} : { umask }),
    cgroup: cgroup as Bytes,
  };
  const said = restFromFields(fields);
  if (!said) return undefined;
  const result = resultFromText(text.slice(0, resultLineBytes));
  const ending = endingFromText(text.slice(destinationOffset, fieldsOffset));
  return { record: { ...said, launch }, ...(result && { result }), ...ending };
}

function restFromFields(fields: readonly string[]): Omit<RunRecord, 'launch'> | undefined {
  let said: { readonly sum?: unknown } | null;
  try {
    said = JSON.parse(utf8FromBytes(fields.at(-1) ?? '')) as typeof said;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { sum, ...rest } = said ?? {};
  return sum === sumOf(fields.slice(0, -1), rest) ? (rest as Omit<RunRecord, 'launch'>) : undefined;
}

// Its last word is the dot: a piece of the line is no result, whatever stands before it.
const resultPattern =
  /^result code=(\d+) why=([a-z-]+) started=(\d+\.\d+) ended=(\d+\.\d+) tee=(\d+|open) left=(\d+) \.\s*$/m;
// Of bash's `times`: the guardian's own user and system time, then those of the children it waited for.
const timesPattern = /^\d+m\d+\.\d+s \d+m\d+\.\d+s\n(\d+)m(\d+\.\d+)s (\d+)m(\d+\.\d+)s\n/;
const endReasons: readonly EndReason[] = [
  'exit',
  'timeout',
  'idle',
  'killed',
  'cannot-start',
  'interrupted',
  'expired',
];

/** Gives the result in a record's reserved first line; undefined while there is none, or not a whole one. */
export function resultFromText(line: string): RunResult | undefined {
  const match = resultPattern.exec(line);
  const why = endReasons.find((reason) => reason === match?.[2]);
  if (!match || !why) return undefined;
  return {
    code: Number(match[1]),
    why,
    startedAt: msFromSeconds(match[3] ?? ''),
    endedAt: msFromSeconds(match[4] ?? ''),
    tee: match[5] === 'open' ? 'open' : Number(match[5]),
    left: Number(match[6]),
    ...cpuFromTimes(line),
  };
}

function cpuFromTimes(line: string): Pick<RunResult, 'cpuMs'> {
  const match = timesPattern.exec(line);
  if (!match) return {};
  const [userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = match.slice(1).map(Number);
  return { cpuMs: Math.round((userMinutes + systemMinutes) * 60_000 + (user + system) * 1000) };
}

/** Gives whole milliseconds of `1795321862.123456`; rounded to microseconds first, as the fraction is none that a number holds. */
function msFromSeconds(text: string): number {
  return Math.floor(Math.round(Number(text) * 1e6) / 1000);
}

/** Gives the first line of a record whose attempt the monitor itself ended, in the guardian's words. */
export function textFromResult(result: RunResult): Bytes {
  const seconds = (at: number): string => (at / 1000).toFixed(6);
  const line = `result code=${result.code} why=${result.why} started=${seconds(result.startedAt)} ended=${seconds(result.endedAt)} tee=${result.tee} left=${result.left} .`;
  return (line.padEnd(resultLineBytes - 1) + '\n') as Bytes;
}

/** Gives the line that says where an ended UOW goes and where its output ends; either may not be known yet. */
export function textFromEnding({
  destination,
  outputEndsAt,
  hooksEndAt,
}: Omit<ReadRecord, 'record' | 'result'>): Bytes {
  const to = destination ? `to ${destination.queue} ${destination.suffix} ` : '';
  const output = outputEndsAt === undefined ? '' : `output ${outputEndsAt} `;
  const hooks = hooksEndAt === undefined ? '' : `hooks ${hooksEndAt} `;
  return (`${to}${output}${hooks}.`.padEnd(destinationLineBytes - 1) + '\n') as Bytes;
}

function endingFromText(line: string): Omit<ReadRecord, 'record' | 'result'> {
  const match = /^(?:to ([a-z]+) (\d+) )?(?:output (\d+) )?(?:hooks (\d+) )?\.\s*$/.exec(line.trimEnd());
  const queue = queueKinds.find((kind) => kind === match?.[1]);
  return {
    ...(queue && { destination: { queue, suffix: Number(match?.[2]) } }),
    ...(match?.[3] !== undefined && { outputEndsAt: Number(match[3]) }),
    ...(match?.[4] !== undefined && { hooksEndAt: Number(match[4]) }),
  };
}
