// The UOWs of the kill storm: what each asks for, and what may come of it, given who of its own was killed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRoot } from '../../src/index.ts';
import type { ExpectedUow } from './invariants.ts';
import { type QueueName, queueNames, type TestRoot, uowText } from './root.ts';
import { scratchFolder } from './scratch.ts';
import type { Kind } from './storm-victims.ts';
import type { Witness } from './witness.ts';

/** A UOW of the storm. */
export interface StormUow {
  /** Its label. */
  readonly id: string;
  readonly isIdempotent: boolean;
  /** True if its timeout is sure to come before its end. */
  readonly isOverlong: boolean;
  readonly code: number;
  /** What its job prints behind `out ATTEMPT`, if nobody kills it. */
  readonly output: string;
}

/** An end that a UOW may have come to. */
interface Ending {
  readonly queue: QueueName;
  /** The word of STATUS and its reason. */
  readonly status: string;
  /** True if the log must be all that the job prints. */
  readonly isWhole: boolean;
}

/** Makes UOWs and drops them, by `mv` or as `sjq submit` does. Which ones, `random` decides. */
export interface Load {
  /** All that were acknowledged. */
  readonly uows: readonly StormUow[];
  /** Drops one more. */
  drop(): void;
}

/** Gives the load of a root; each job tells `witness` that it starts, prints some KB with a pause in them, and exits. */
export function aLoad(root: TestRoot, witness: Witness, random: (below: number) => number): Load {
  const script = join(scratchFolder(), 'job.sh');
  writeFileSync(
    script,
    `set -e
${witness.tell}
i=0
while [ $i -lt $2 ]; do echo "line $i of $1 ${filling}"; i=$((i + 1)); [ $i -ne 20 ] || sleep $3; done
[ -z "$5" ] || sleep 60
echo end
exit $4
`,
  );
  const library = openRoot(root.dir);
  const uows: StormUow[] = [];
  return {
    uows,
    drop() {
      const id = `S${uows.length}`;
      const isOverlong = random(12) === 0;
      const lines = random(4) === 0 ? 200 : 21 + random(10);
      const code = random(4) === 0 ? 3 : 0;
      const isIdempotent = random(3) === 0;
      const run = `sh ${script} ${id} ${lines} 0.${1 + random(9)} ${code} ${isOverlong ? 'overlong' : ''}`;
      const text = uowText(
        `label :: ${id}`,
        'grace :: 1s',
        ...(isIdempotent ? ['idempotent :: yes'] : []),
        ...(isOverlong ? ['timeout :: 2s'] : random(3) === 0 ? ['timeout :: 10m'] : []),
        // With and without a shell of its own around it.
        `command :: ${run}${random(2) === 0 ? ' || exit $?' : ''}`,
      );
      const isUrgent = random(6) === 0;
      if (random(2) === 0) root.drop(id, text, isUrgent ? 'priority-q' : 'wait-q');
      else library.submit({ name: id, text, queue: isUrgent ? 'priority' : 'wait' });
      const printed = Array.from({ length: lines }, (_each, at) => `line ${at} of ${id} ${filling}\n`);
      uows.push({ id, isIdempotent, isOverlong, code, output: `${printed.join('')}end\n` });
    },
  };
}

const filling = 'x'.repeat(60);

/** Gives what the checker is to expect of a UOW of which `killed` were killed. */
export function expectedOf(uow: StormUow, killed: ReadonlySet<Kind>): ExpectedUow {
  const queues = [...new Set(endingsOf(uow, killed).map(({ queue }) => queue))];
  // On a machine that is slow enough the timeout comes before the job's first word.
  const isSure = killed.size === 0 && !uow.isOverlong;
  return { id: uow.id, queues, ...(!uow.isIdempotent && { starts: isSure ? [1] : [0, 1] }) };
}

function endingsOf({ isOverlong, code }: StormUow, killed: ReadonlySet<Kind>): readonly Ending[] {
  const isWhole = !killed.has('tee') && !isOverlong;
  const endings: Ending[] = [
    isOverlong
      ? { queue: 'fail-q', status: 'fail timeout', isWhole }
      : code === 0
        ? { queue: 'done-q', status: 'done exit=0', isWhole }
        : { queue: 'error-q', status: `error exit=${code}`, isWhole },
  ];
  const failing = (status: string): void => void endings.push({ queue: 'fail-q', status, isWhole: false });
  if (killed.has('guardian')) failing('fail interrupted');
  if (killed.has('job')) failing('fail signal=KILL');
  if (killed.has('tee')) failing('fail log-lost');
  return endings;
}

/** Gives what is wrong with how a UOW ended and with its log, in words; that it stands once and where is the checker's to say. */
export function faultsOf(root: TestRoot, uow: StormUow, killed: ReadonlySet<Kind>): readonly string[] {
  const queue = queueNames.find((each) => root.where(uow.id).includes(each));
  if (queue === undefined) return [];
  const status = root.status(queue, uow.id);
  const mark = killed.has('tee') ? '(log! )?' : '';
  const ending = endingsOf(uow, killed).find((each) =>
    new RegExp(`^${each.status} ${mark}#${uow.isIdempotent && killed.has('guardian') ? '\\d+' : '1'} `).test(status),
  );
  const who = `${uow.id} (killed: ${[...killed].join(', ') || 'none of its own'})`;
  if (!ending) return [`${who} says "${status}"`];
  // Its shell's own word about a child that was killed.
  const log = logOf(readFileSync(root.path(queue, uow.id), 'latin1')).replace(killed.has('job') ? /Killed\n$/ : '', '');
  // Each line between attempts says which one begins.
  const [first = '', ...later] = log.split(/\n==== ATTEMPT (\d+) .*\n/);
  const pieces: (readonly [attempt: number, text: string])[] = [[1, first]];
  for (let at = 0; at < later.length; at += 2) pieces.push([Number(later[at]), later[at + 1] ?? '']);
  const attempt = Number(/#(\d+) /.exec(status)?.[1]);
  return pieces.flatMap(([number, text], at) => {
    // An attempt that printed nothing has no line before the next.
    const numbers = at === 0 ? Array.from({ length: attempt }, (_each, before) => before + 1) : [number];
    const isLast = at === pieces.length - 1 && ending.isWhole;
    const isRight = numbers.some((each) => {
      const whole = `out ${each}\n${uow.output}`;
      return isLast ? text === whole : whole.startsWith(text);
    });
    return isRight ? [] : [`${who} with "${status}" has as log of attempt ${number} ${shortened(text)}`];
  });
}

function logOf(text: string): string {
  const title = /==== JOB LOG\n(\n)?/.exec(text);
  return title ? text.slice(title.index + title[0].length) : '';
}

function shortened(text: string): string {
  const shown = JSON.stringify(text);
  return shown.length < 600 ? shown : `${shown.slice(0, 300)} … ${shown.slice(-300)} (${text.length} bytes)`;
}
