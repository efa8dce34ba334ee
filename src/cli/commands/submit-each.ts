// sjq submit --each: a UOW for each line of standard input, acknowledged in batches. What was printed stays, whatever comes after it.
import { isUtf8, type Bytes, bytesFromBuffer, nameFromShown, utf8FromBytes } from '../../model/bytes.ts';
import { errnoOf, errorFromErrno } from '../../model/errno.ts';
import { SjqError } from '../../model/errors.ts';
import { rootPaths } from '../../model/paths.ts';
import { headLimitBytes } from '../../model/uow.ts';
import { readConfig } from '../../monitor/read-config.ts';
import { createSubmitter, type Submitter } from '../../monitor/submit-batch.ts';
import { realClock } from '../../system/clock.ts';
import { realFiles } from '../../system/files.ts';
import { inputSizeBytes } from '../../system/input.ts';
import { syncFiles } from '../../system/sync-files.ts';
import { writeOut } from '../out.ts';
import { createProgress, type Progress } from '../progress.ts';
import { type Drop, type Field, fieldFromOption, fromCommand, type SubmitOptions, submittedLine } from './submit.ts';

/** So many lines are acknowledged together at most: fewer cost more syncs, and more would be waited for longer. */
const linesABatch = 1024;

interface Line {
  readonly number: number;
  readonly text: Bytes;
}

/** A line that is a UOW. */
interface Each extends Drop {
  readonly line: number;
}

/**
 * Submits each line and prints the names.
 *
 * @throws SjqError at the first line that is no UOW, or could not be dropped, naming it; those before it are submitted
 */
export async function submitEach(root: Bytes, command: readonly string[], options: SubmitOptions): Promise<void> {
  if (command.length > 0 || options.file !== undefined)
    throw new SjqError('usage', '--each takes its commands from standard input: leave the command and -f out');
  const config = readConfig(realFiles, root);
  const machine = { files: realFiles, clock: realClock, host: { pid: process.pid }, syncFiles };
  const submitter = createSubmitter(machine, rootPaths(root, config), {
    queue: options.priorityQueue ? 'priority' : 'wait',
    durability: config.durability,
  });
  const fields = options.field.map(fieldFromOption);
  const name = options.name === undefined ? undefined : nameFromShown(options.name);
  const progress = createProgress(process.stderr, inputSizeBytes(), () => performance.now());
  try {
    for await (const lines of batchesOf(process.stdin)) await submitLines(submitter, lines, { fields, name, progress });
  } finally {
    progress.end();
  }
}

async function submitLines(
  submitter: Submitter,
  lines: readonly Line[],
  { fields, name, progress }: { fields: readonly Field[]; name: Bytes | undefined; progress: Progress },
): Promise<void> {
  const good: Each[] = [];
  let bad: Error | undefined;
  for (const { number, text } of lines) {
    const line = text.replace(/^[ \t]+|[ \t]+$/g, '') as Bytes;
    if (line === '' || line.startsWith('#')) continue;
    try {
      const drop = dropFromLine(line, fields);
      good.push({ ...drop, name: name ?? drop.name, line: number });
    } catch (error) {
      bad = errorAtLine(error, number, 'bad-uow');
      break;
    }
  }
  const { names, error } = good.length === 0 ? { names: [] } : await submitter.submit(good);
  const acknowledged = names.filter((each) => each !== undefined);
  await writeOut(acknowledged.map(submittedLine).join(''));
  const readBytes = lines.reduce((sum, { text }) => sum + text.length + 1, 0);
  progress.add(acknowledged.length, readBytes);
  if (error !== undefined) throw errorAtLines(error, good, names);
  if (bad !== undefined) throw bad;
}

function dropFromLine(text: Bytes, fields: readonly Field[]): Drop {
  if (text.length > headLimitBytes) throw new SjqError('bad-uow', 'longer than a head may be (64 KiB)');
  if (!isUtf8(text)) throw new SjqError('bad-uow', 'not UTF-8');
  return fromCommand([utf8FromBytes(text)], fields);
}

const nothingBehind = 'the lines before it are submitted, it and those behind it are not';

function errorAtLine(error: unknown, line: number, code?: 'bad-uow'): Error {
  const known = error instanceof SjqError ? error : errorFromErrno(errnoOf(error), 'the queue', error);
  if (!known) return error instanceof Error ? error : new Error(String(error));
  return new SjqError(code ?? known.code, `line ${line}: ${known.message}: ${nothingBehind}`, { cause: error });
}

/** A monitor may have been faster than a disk that fails, with any of the lines: those are submitted all the same. */
function errorAtLines(error: unknown, lines: readonly Each[], names: readonly (Bytes | undefined)[]): Error {
  const first = lines.findIndex((_line, at) => names[at] === undefined);
  const later = lines.filter((_line, at) => at > first && names[at] !== undefined).map(({ line }) => line);
  const told = errorAtLine(error, lines[first]?.line ?? 0);
  if (later.length === 0 || !(told instanceof SjqError)) return told;
  return new SjqError(told.code, `${told.message}, but for line ${later.join(', ')}`, { cause: error });
}

/** Gives the lines as they come, many at a time where they come fast. The last one needs no newline. */
async function* batchesOf(input: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  let rest = '';
  let number = 0;
  const numbered = (texts: readonly string[]): readonly Line[] =>
    texts.map((text) => ({ number: ++number, text: text as Bytes }));
  for await (const chunk of input) {
    const texts = (rest + bytesFromBuffer(chunk)).split('\n');
    rest = texts.pop() ?? '';
    for (let at = 0; at < texts.length; at += linesABatch) yield numbered(texts.slice(at, at + linesABatch));
    // Not all of it is waited for: it is refused, whatever comes.
    if (rest.length > headLimitBytes) break;
  }
  if (rest !== '') yield numbered([rest]);
}
