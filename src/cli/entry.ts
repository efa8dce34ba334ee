#!/usr/bin/env node
// Where the program begins. The build makes dist/cli/main.js of it, one file with all that a plain `submit` needs, because Node takes
// longer to load thirty files than to do the work of them. Every other call goes to program.ts, which is not in that file: what
// the two share is there twice, so nothing of it (an error's class) may be tested by one that was made by the other.
import { endBy } from './exit.ts';
import { plainSubmit } from './plain-submit.ts';
import { submitAndPrint } from './commands/submit.ts';
import { existingRoot } from './root-of.ts';

// A reader that went away (sjq status | head) is no fault.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
});

const args = process.argv.slice(2);
const call = plainSubmit(args);
if (call) {
  try {
    submitAndPrint(existingRoot(call.root), call.command, call.options);
  } catch (error) {
    endBy(error);
  }
} else {
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}
