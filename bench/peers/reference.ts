// The reference: the process tree of a UOW and nothing else, started by a program in C (reference.c), or by bash where nothing can
// compile it. What the machine can do just then; no queue can be faster.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argvOf, expectEqual, slots } from '../jobs.ts';
import type { Does, Manner } from '../queues.ts';
import { run } from '../run.ts';

export interface Reference {
  /** What it is, for people. */
  readonly name: string;
  does(output: Manner['output']): Does;
}

/** Gives the reference in C, built in a folder, or the one in bash. */
export async function reference(folder: string, hasCompiler: boolean): Promise<Reference> {
  const source = join(import.meta.dirname, 'reference');
  const built = join(folder, 'reference');
  if (hasCompiler) await run('gcc', ['-O2', '-o', built, `${source}.c`]);
  const [program, ...before] = hasCompiler ? [built] : (['bash', `${source}.sh`] as const);
  return {
    name: hasCompiler ? 'the reference in C' : 'the reference in bash',
    does: (output) => async (scratch, job, count) => {
      const dir = join(scratch, 'files');
      mkdirSync(dir);
      for (let at = 0; at < count; at++) writeFileSync(join(dir, `u${at}`), '');
      const startedAt = Date.now();
      const said = await run(program, [...before, String(count), String(slots), output, dir, ...argvOf[job]]);
      const tookMs = Date.now() - startedAt;
      expectEqual('reference', Number(said), count, 'jobs that ended well are');
      rmSync(scratch, { recursive: true });
      return tookMs;
    },
  };
}
