#!/usr/bin/env node
// The command line: verbs, options, help. Each verb's work is in commands/ and is loaded when it is asked for.
import { Command, CommanderError } from 'commander';
import { exitCodeOf, SjqError } from '../model/errors.ts';
import { existingRoot, rootOf } from './root-of.ts';
import { version } from './version.ts';

const program = new Command('sjq')
  .description('A job queue made of directories and plain text.')
  .version(version)
  .option('--root <dir>', 'the queue root (else SJQ_ROOT, else the nearest one upward, else ./queue-root)')
  .showHelpAfterError('(sjq --help lists the verbs)')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 no, 64 usage, 65 bad UOW, 66 no such UOW, 69 no monitor, 73 root cannot be written,\n75 try later, 77 not permitted, 78 bad configuration, 124 timed out.',
  );

const named = (): string | undefined => program.opts<{ root?: string }>().root;
const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
/** `--root` may stand before or behind the verb. */
function verb(usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--root <dir>', 'the queue root')
    .hook('preAction', (_program, action) => {
      const { root } = action.opts<{ root?: string }>();
      if (root !== undefined) program.setOptionValue('root', root);
    });
}
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

verb('init', 'make a queue root')
  .argument('<dir>', 'where')
  .addHelpText('after', examples('sjq init ~/jobs'))
  .action(async (dir: string) => {
    const { init } = await import('./commands/init.ts');
    init(dir);
  });

verb('monitor', 'run the monitor of a root in the foreground; notices go to stderr too')
  .option('-q, --quiet', 'no notices on stderr', false)
  .addHelpText(
    'after',
    examples('sjq monitor --root ~/jobs', 'echo SHUTDOWN >> ~/jobs/monitor_reads   end it from elsewhere'),
  )
  .action(async ({ quiet }: { quiet: boolean }) => {
    const { start } = await import('./start.ts');
    await start(rootOf(named()), { once: false, quiet, greet: !quiet });
  });

verb('once', 'serve the queue until nothing can start any more, then end (for cron and CI)')
  .option('-q, --quiet', 'no notices on stderr', false)
  .addHelpText('after', examples('sjq once --root ~/jobs'))
  .action(async ({ quiet }: { quiet: boolean }) => {
    const { start } = await import('./start.ts');
    await start(rootOf(named()), { once: true, quiet, greet: false });
  });

verb('submit', 'drop a UOW; prints its name when it is safely in the queue')
  .argument('[command...]', 'the command; one argument is a shell line, several are one command and its arguments')
  .option('-n, --name <name>', 'the UOW’s name (default: the command’s)')
  .option('-p, --priority', 'into priority-q', false)
  .option('--field <name=content>', 'a header field; may be repeated', collect, [])
  .option('-f, --file <file>', 'a UOW file, or - for standard input')
  .addHelpText(
    'after',
    examples(
      'sjq submit -- rsync -a /home /backup',
      "sjq submit -n report --field timeout=2h 'make report | mail -s report ops'",
      'sjq submit -f nightly.uow',
      'generate-uow | sjq submit -n t42 -f -',
    ),
  )
  .action(async (command: string[], options: { name?: string; priority: boolean; field: string[]; file?: string }) => {
    const { submitCommand, submittedLine } = await import('./commands/submit.ts');
    const { priority, ...rest } = options;
    process.stdout.write(
      submittedLine(submitCommand(existingRoot(named()), command, { ...rest, priorityQueue: priority })),
    );
  });

verb('status', 'show what stands where, what runs, what waits and why')
  .option('--json', 'as one JSON document', false)
  .addHelpText('after', examples('sjq status', 'sjq status --json | jq .counts'))
  .action(async ({ json }: { json: boolean }) => {
    const { observed, textFromObserved, jsonFromObserved } = await import('./commands/status.ts');
    const picture = await observed(existingRoot(named()));
    process.stdout.write(json ? jsonFromObserved(picture) : textFromObserved(picture));
  });

verb('check', 'say what is wrong with UOW files before they are dropped')
  .argument('<file...>', 'UOW files')
  .option('--json', 'as one JSON document', false)
  .addHelpText('after', examples('sjq check nightly.uow', 'sjq check queue-root/wait-q/*'))
  .action(async (files: string[], { json }: { json: boolean }) => {
    const { check, textFromChecked } = await import('./commands/check.ts');
    const checked = files.map(check);
    process.stdout.write(
      json
        ? JSON.stringify({ schema: 'sjq.check/1', files: checked }, null, 2) + '\n'
        : checked.map(textFromChecked).join(''),
    );
    if (checked.some(({ kind }) => kind !== 'uow')) process.exitCode = exitCodeOf['bad-uow'];
  });

/** Gives the exit code of what went wrong, and says it. */
function exitCodeFrom(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodeOf.usage;
  if (error instanceof SjqError) {
    process.stderr.write(`sjq: ${error.message.replaceAll('\n', '\nsjq: ')}\n`);
    return exitCodeOf[error.code];
  }
  process.stderr.write(
    `sjq: this is a bug, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 70;
}

// A reader that went away (sjq status | head) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeFrom(error);
}
