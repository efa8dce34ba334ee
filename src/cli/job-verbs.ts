// The verbs about single jobs, run to say: their options and help. Each one's work is in commands/ and loaded when it is asked for.
import type { Command } from 'commander';
import { messageTable } from '../model/message.ts';
import type { OpenedRoot } from './opened-root.ts';
import { existingRoot } from './root-of.ts';
import { type GivenSubmitOptions, submitOptionsFrom, withSubmitOptions } from './submit-options.ts';

type AddVerb = (name: string, description: string, remedy?: string) => Command;

/** Behind a pipe that nobody reads any more, the end of the job is not known: as of a program that SIGPIPE ended. */
const brokenPipe = 141;

function messagesHelp(): string {
  const width = Math.max(...messageTable.map(({ form }) => form.length));
  return ['Messages:', ...messageTable.map(({ form, meaning }) => `  ${form.padEnd(width)}  ${meaning}`)].join('\n');
}

/** Adds the verbs in the order of the help. `named` gives what `--root` says. */
export function addJobVerbs(
  verb: AddVerb,
  examples: (...lines: readonly string[]) => string,
  named: () => string | undefined,
): void {
  const opened = async (): Promise<OpenedRoot> => {
    const root = existingRoot(named());
    const { openedRoot } = await import('./opened-root.ts');
    return openedRoot(root);
  };
  const nameIn = async (root: OpenedRoot, argument: string) => {
    const { nameFromArgument } = await import('./uow/find-uow.ts');
    return nameFromArgument(root.paths, argument);
  };

  withSubmitOptions(
    verb(
      'run',
      'submit, print what the job prints, end with its exit code',
      '(a command with options of its own stands behind --, such as: sjq run -- ls -l)',
    ),
  )
    .option('-q, --quiet', 'say nothing on stderr', false)
    .addHelpText(
      'after',
      `${examples(
        'sjq run -- make -C /srv/www',
        'sjq run -q -n dump --field timeout=1h -- pg_dump shop > shop.sql',
        'sjq run -f nightly.uow || echo "it ended with $?"',
      )}\n\nCtrl-C asks the monitor to end the job; once more leaves it to the queue.`,
    )
    .action(async (command: string[], { quiet, ...options }: GivenSubmitOptions & { quiet: boolean }) => {
      const root = await opened();
      const { runJob } = await import('./commands/run.ts');
      process.exitCode = brokenPipe;
      // At once: a message on its way to the monitor holds nobody up.
      process.exit(await runJob(root, command, submitOptionsFrom(options), { quiet }));
    });

  verb('show', 'show a UOW: its state and why, its header, what to do next')
    .argument('<name...>', 'names as they are printed, or paths into a queue')
    .option('--json', 'as one JSON document', false)
    .addHelpText(
      'after',
      examples('sjq show report', 'sjq show \'"two words"\' report~2', 'sjq show --json report | jq .uows[0].state'),
    )
    .action(async (args: string[], { json }: { json: boolean }) => {
      const root = await opened();
      const names = await Promise.all(args.map((arg) => nameIn(root, arg)));
      const { jsonFromShown, shown, textFromShown } = await import('./commands/show.ts');
      const { paintFor } = await import('./colour.ts');
      const uows = await shown(root, names);
      const paint = paintFor(process.stdout);
      const texts = uows.map((uow) => textFromShown(root, uow, paint, Date.now()));
      process.stdout.write(json ? jsonFromShown(root, uows) : texts.join('\n'));
    });

  verb('why', 'tell why a UOW waits, gate by gate, and when it may start')
    .argument('<name...>', 'names as they are printed, or paths into a queue')
    .option('--json', 'as one JSON document', false)
    .addHelpText(
      'after',
      examples('sjq why report', 'sjq why --json report | jq -r .uows[0].may_start_at', 'watch -n 5 sjq why report'),
    )
    .action(async (args: string[], { json }: { json: boolean }) => {
      const root = await opened();
      const names = await Promise.all(args.map((arg) => nameIn(root, arg)));
      const { jsonFromTold, textFromTold, whyOf } = await import('./commands/why.ts');
      const { paintFor } = await import('./colour.ts');
      const told = await whyOf(root, names);
      const paint = paintFor(process.stdout);
      const texts = told.map((each) => textFromTold(root, each, paint, Date.now()));
      process.stdout.write(json ? jsonFromTold(root, told) : texts.join('\n'));
    });

  verb('log', 'print the log of a UOW, byte for byte')
    .argument('<name>', 'its name')
    .option('-n, --lines <lines>', 'only so many last lines')
    .option('-f, --follow', 'go on as sjq follow does', false)
    .option('--json', 'as one JSON document; with -f as JSON lines', false)
    .addHelpText(
      'after',
      examples('sjq log report', 'sjq log -n 20 report', 'sjq log -f -n 20 report', 'sjq log report | less -R'),
    )
    .action(
      async (arg: string, { lines, follow: goesOn, json }: { lines?: string; follow: boolean; json: boolean }) => {
        const { linesFromOption, log } = await import('./commands/log.ts');
        const last = lines === undefined ? {} : { lines: linesFromOption(lines) };
        const root = await opened();
        const name = await nameIn(root, arg);
        if (!goesOn) return log(root, name, { ...last, json });
        const { follow } = await import('./commands/follow.ts');
        process.exitCode = brokenPipe;
        process.exitCode = await follow(root, name, { ...last, json });
        return undefined;
      },
    );

  verb('follow', 'print the log and what comes until the job has ended; ends with its exit code')
    .argument('<name>', 'its name')
    .option('--json', 'as JSON lines', false)
    .addHelpText(
      'after',
      `${examples('sjq follow report', 'sjq follow --json report | jq -r .event')}\n\nCtrl-C ends the following, not the job.`,
    )
    .action(async (arg: string, { json }: { json: boolean }) => {
      const root = await opened();
      const name = await nameIn(root, arg);
      const { follow } = await import('./commands/follow.ts');
      process.exitCode = brokenPipe;
      process.exitCode = await follow(root, name, { json });
    });

  verb('wait', 'wait until UOWs have ended; without a name, until nothing waits or runs')
    .argument('[name...]', 'names')
    .option('--timeout <duration>', 'exit 124 when they have not ended by then')
    .option('--json', 'as one JSON document', false)
    .addHelpText(
      'after',
      `${examples('sjq wait report && mail -s done ops', 'sjq wait --timeout 2h dump copy', 'sjq wait')}\n\n` +
        'One name: ends with the job’s exit code. Several: 0 if all are done, else 1. None: 0.',
    )
    .action(async (args: string[], { timeout, json }: { timeout?: string; json: boolean }) => {
      const { timeoutFromOption, wait } = await import('./commands/wait.ts');
      const limit = timeout === undefined ? {} : { timeoutMs: timeoutFromOption(timeout) };
      const root = await opened();
      const names = await Promise.all(args.map((arg) => nameIn(root, arg)));
      process.exitCode = await wait(root, names, { ...limit, json });
    });

  verb('progress', 'in a job: say how far it is, for all who look at it')
    .argument('<percent>', 'a number from 0 to 100')
    .argument('[note...]', 'what it is at')
    .addHelpText('after', examples('sjq progress 40 copying', 'echo "40 copying" > "$SJQ_PROGRESS"   the same'))
    .action(async (percent: string, note: string[]) => {
      const { sayProgress } = await import('./commands/progress.ts');
      sayProgress(process.env['SJQ_PROGRESS'], percent, note);
    });

  verb('kill', 'end a running job with all its processes')
    .argument('[name]', 'its name; may be left out if only one runs')
    .option('--wait', 'return when it has ended', false)
    .addHelpText('after', examples('sjq kill report', 'sjq kill --wait report', 'sjq kill'))
    .action(async (arg: string | undefined, { wait: waits }: { wait: boolean }) => {
      const root = await opened();
      const name = arg === undefined ? undefined : await nameIn(root, arg);
      const { kill } = await import('./commands/kill.ts');
      process.exitCode = await kill(root, name, { waits });
    });

  verb('say', 'send the monitor a message and print its answer')
    .argument('<message...>', 'the message')
    .option('--no-wait', 'do not wait for the answer')
    .addHelpText(
      'after',
      () => `${examples('sjq say STATUS', 'sjq say PAUSE', "sjq say KILL JOB 'two words'")}\n\n${messagesHelp()}`,
    )
    .action(async (words: string[], { wait: waits }: { wait: boolean }) => {
      const root = await opened();
      const { say: send } = await import('./commands/say.ts');
      process.exitCode = await send(root, words, { waits });
    });
}
