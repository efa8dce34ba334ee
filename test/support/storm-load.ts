// The UOWs of the rigs that kill real processes. What may come of each: storm-verdict.ts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRoot } from '../../src/index.ts';
import { type TestRoot, uowText } from './root.ts';
import { scratchFolder } from './scratch.ts';
import type { Witness } from './witness.ts';

/** A UOW of a storm. */
export interface StormUow {
  /** Its label. */
  readonly id: string;
  readonly isIdempotent: boolean;
  /** True if its timeout is sure to come before its end. */
  readonly isOverlong: boolean;
  readonly code: number;
  /** The line of its result; empty if it has none. */
  readonly result: string;
  /** What its job prints behind `out ATTEMPT`, if nobody kills it. */
  readonly output: string;
}

/** Makes UOWs and drops them, by `mv` or as `sjq submit` does. Which ones, `random` decides. */
export interface Load {
  /** All that were acknowledged. */
  readonly uows: readonly StormUow[];
  /** Drops one more. */
  drop(): void;
}

/** Gives the load of a root; each job tells `witness` that it starts, prints some KB with a pause in them (short ones, if quick), and exits. */
export function aLoad(root: TestRoot, witness: Witness, random: (below: number) => number, isQuick = false): Load {
  const script = join(scratchFolder(), 'job.sh');
  writeFileSync(
    script,
    `set -e
${witness.tell}
i=0
while [ $i -lt $2 ]; do echo "line $i of $1 ${filling}"; i=$((i + 1)); [ $i -ne 20 ] || sleep $3; done
case $5 in
  overlong) sleep 60 ;;
  result) echo "{\\"id\\": \\"$1\\"}" > "$SJQ_RESULT" ;;
esac
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
      const isOverlong = !isQuick && random(12) === 0;
      const hasResult = !isOverlong && random(3) === 0;
      const lines = isQuick ? 21 : random(4) === 0 ? 200 : 21 + random(10);
      const code = random(4) === 0 ? 3 : 0;
      const isIdempotent = random(3) === 0;
      const pause = isQuick ? '0.01' : `0.${1 + random(9)}`;
      const run = `sh ${script} ${id} ${lines} ${pause} ${code} ${isOverlong ? 'overlong' : hasResult ? 'result' : 'plain'}`;
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
      const result = hasResult ? `\n==== RESULT {"id": "${id}"}\n` : '';
      uows.push({ id, isIdempotent, isOverlong, code, result, output: `${printed.join('')}end\n` });
    },
  };
}

const filling = 'x'.repeat(60);
