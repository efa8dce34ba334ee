// A witness outside the root: jobs tell it that they started, what they found, and that they ended. Nothing of the program under
// test is asked. Each start has a nonce of its own, and stands on the disk before the job goes on: a second start of an attempt is seen
// whatever becomes of the machine, and one line that was written twice is no second start.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { WitnessedStart } from './invariants.ts';
import { scratchFolder } from './scratch.ts';

export interface Witness {
  /** The shell command by which a job tells that it started; it prints `out ATTEMPT`. */
  readonly tell: string;
  readonly starts: readonly WitnessedStart[];
  /** How often jobs of that name started. */
  startsOf(name: string): number;
  /** Waits until a job of that name has started for the `count`th time. */
  started(name: string, count?: number): Promise<void>;
  /** A file that does not exist; a job that waits for it ends when `open` was called. */
  gate(name: string): Gate;
}

export interface Gate {
  /** The shell command that waits for it, a minute at most. */
  readonly wait: string;
  open(): void;
}

/** Gives a witness with a notebook of its own. */
export function aWitness(): Witness {
  const folder = scratchFolder();
  const notebook = join(folder, 'starts');
  const script = join(folder, 'tell.sh');
  const waiting = join(folder, 'wait.sh');
  // Builtins alone tell: one process, which tells all or, killed before, nothing. Only then is what was told synced. What it reads it
  // tries to read twice: a rig may have one call of it refused.
  writeFileSync(
    script,
    `stamp= status= isNext=
for try in 1 2; do
  [ "$status" ] || while IFS= read -r line; do
    case $line in
      'timestamp: '*) [ "$stamp" ] || { stamp=\${line#timestamp: }; stamp=\${stamp%% *}; } ;;
      '==== STATUS') isNext=1 ;;
      ?*) [ ! "$isNext" ] || { status=$line; break; } ;;
    esac
  done < "$SJQ_UOW"
done
read -r nonce < /proc/sys/kernel/random/uuid || read -r nonce < /proc/sys/kernel/random/uuid
echo "$SJQ_NAME|$SJQ_ATTEMPT|$stamp|$status|$nonce" >> ${notebook}
sync ${notebook} || :
echo "out $SJQ_ATTEMPT"
`,
  );
  writeFileSync(
    waiting,
    `i=0
while [ ! -e "$1" ] && [ $i -lt 1200 ]; do sleep 0.05; i=$((i + 1)); done
`,
  );
  const witness: Witness = {
    tell: `sh ${script}`,
    get starts() {
      const text = existsSync(notebook) ? readFileSync(notebook, 'latin1') : '';
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => {
        const [name = '', attempt = '', stamp = '', status = '', nonce = ''] = line.split('|');
        return { name, attempt: Number(attempt), stamp, status, nonce };
      });
    },
    startsOf: (name) => witness.starts.filter((start) => start.name === name).length,
    async started(name, count = 1) {
      await eventually(() => witness.startsOf(name) >= count, { withinMs: 20_000, what: `${name} has started` });
    },
    gate(name) {
      const path = join(folder, `gate-${name}`);
      return { wait: `sh ${waiting} ${path}`, open: () => writeFileSync(path, '') };
    },
  };
  return witness;
}
