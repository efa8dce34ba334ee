// What may have come of a UOW of a storm, given which of its own processes were killed or met an error: where it stands, what
// STATUS says, and what of its job's output is in its log.
import type { ExpectedUow } from './invariants.ts';
import { type QueueName, queueNames, type TestRoot } from './root.ts';
import type { StormUow } from './storm-load.ts';

/**
 * What a UOW may lose: its guardian, its tee, its job, the start of its job (a program that could not be executed). `own`: calls of
 * the job itself failed, which is its own affair.
 */
export type Loss = 'guardian' | 'tee' | 'job' | 'start' | 'own';

/** An end that a UOW may have come to. */
interface Ending {
  readonly queue: QueueName;
  /** The word of STATUS and its reason, as a pattern. */
  readonly status: string;
  /** True if the log must be all that the job prints, unless STATUS says that some of it is lost. */
  readonly isWhole: boolean;
}

/** Gives what the checker is to expect of a UOW. */
export function expectedOf(uow: StormUow, losses: ReadonlySet<Loss>): ExpectedUow {
  const queues = [...new Set(endingsOf(uow, losses).map(({ queue }) => queue))];
  // On a machine that is slow enough the timeout comes before the job's first word.
  const isSure = losses.size === 0 && !uow.isOverlong;
  return { id: uow.id, queues, ...(!uow.isIdempotent && { starts: isSure ? [1] : [0, 1] }) };
}

function endingsOf({ isOverlong, code }: StormUow, losses: ReadonlySet<Loss>): readonly Ending[] {
  const endings: Ending[] = [
    isOverlong
      ? { queue: 'fail-q', status: 'fail timeout', isWhole: false }
      : code === 0
        ? { queue: 'done-q', status: 'done exit=0', isWhole: true }
        : { queue: 'error-q', status: `error exit=${code}`, isWhole: true },
  ];
  const failing = (status: string): void => void endings.push({ queue: 'fail-q', status, isWhole: false });
  if (losses.has('guardian')) failing('fail interrupted');
  if (losses.has('job')) failing('fail signal=KILL');
  if (losses.has('tee')) failing('fail log-lost');
  // A tee that is gone before its job begins leaves that nowhere to write to.
  if (losses.has('start') || losses.has('tee')) failing('fail cannot-start');
  if (losses.has('own')) {
    failing('fail \\S+');
    for (const queue of ['done', 'error'] as const)
      endings.push({ queue: `${queue}-q`, status: `${queue} \\S+`, isWhole: false });
  }
  return endings;
}

/**
 * Gives what is wrong with how a UOW ended and with its log, in words; that it stands once and where is the checker's to say.
 * `startCount` is how often its job told that it started.
 */
export function faultsOf(
  root: TestRoot,
  uow: StormUow,
  losses: ReadonlySet<Loss>,
  startCount: number,
): readonly string[] {
  const queue = queueNames.find((each) => root.where(uow.id).includes(each));
  if (queue === undefined) return [];
  const status = root.status(queue, uow.id);
  const mark = losses.has('tee') || losses.has('own') ? '(log! )?' : '';
  const number = uow.isIdempotent && losses.has('guardian') ? '\\d+' : '1';
  const ending = endingsOf(uow, losses).find((each) => new RegExp(`^${each.status} ${mark}#${number} `).test(status));
  const who = `${uow.id} (lost: ${[...losses].join(', ') || 'nothing'})`;
  if (!ending) return [`${who} says "${status}"`];
  if (losses.has('own')) return [];
  if (ending.isWhole && startCount === 0) return [`${who} says "${status}" and never ran`];
  const pieces = piecesOf(root.log(queue, uow.id));
  const attempt = Number(/#(\d+) /.exec(status)?.[1]);
  return pieces.flatMap((piece, at): readonly string[] => {
    // An attempt that printed nothing has no line before the next.
    const numbers = at === 0 ? Array.from({ length: attempt }, (_each, before) => before + 1) : [piece.attempt];
    const mustBeWhole = at === pieces.length - 1 && ending.isWhole && !status.includes('log!');
    const isRight = numbers.some((each) => isOutput(`out ${each}\n${uow.output}`, uow.result, piece.text, mustBeWhole));
    const wrong = isRight
      ? []
      : [`${who} with "${status}" has as log of attempt ${piece.attempt} ${shown(piece.text)}`];
    return mustBeWhole ? [...wrong, ...wrongSizeOf(root, uow, attempt)] : wrong;
  });
}

/** Gives the log cut at the lines between attempts, each of which says which one begins. */
function piecesOf(log: string): readonly { readonly attempt: number; readonly text: string }[] {
  const [first = '', ...later] = log.split(/\n==== ATTEMPT (\d+) .*\n/);
  const pieces = [{ attempt: 1, text: first }];
  for (let at = 0; at < later.length; at += 2) pieces.push({ attempt: Number(later[at]), text: later[at + 1] ?? '' });
  return pieces;
}

function isOutput(whole: string, result: string, text: string, mustBeWhole: boolean): boolean {
  if (mustBeWhole) return text === whole + result;
  const output = result !== '' && text.endsWith(result) ? text.slice(0, -result.length) : text;
  // A shell’s own words about children that were killed may stand in it.
  return whole.startsWith(output) || whole.startsWith(output.replaceAll(/^Killed\n/gm, ''));
}

/** The history counts the output alone, whatever stands behind it. */
function wrongSizeOf(root: TestRoot, uow: StormUow, attempt: number): readonly string[] {
  const entry = root
    .history()
    .find(({ kind, name, attempt: which }) => kind === 'attempt' && name === uow.id && which === attempt);
  const size = `out ${attempt}\n${uow.output}`.length;
  return entry && entry['log_bytes'] !== size
    ? [`${uow.id} has log_bytes ${String(entry['log_bytes'])}, not ${size}`]
    : [];
}

function shown(text: string): string {
  const json = JSON.stringify(text);
  return json.length < 600 ? json : `${json.slice(0, 300)} … ${json.slice(-300)} (${text.length} bytes)`;
}
