// The command line: verbs, options, help. Each verb's work is in commands/ and is loaded when it is asked for.
import { Command, CommanderError } from 'commander';
import { exitCodeOf } from '../model/errors.ts';
import { addJobVerbs } from './job-verbs.ts';
import { addScheduleVerbs } from './schedule-verbs.ts';
import type { GivenSpan } from './commands/simulate.ts';
import { endBy } from './exit.ts';
import { existingRoot, rootOf } from './root-of.ts';
import { type GivenSubmitOptions, submitOptionsFrom, withSubmitOptions } from './submit-options.ts';
import { version } from './version.ts';

const program = new Command('sjq')
  .description('A job queue made of directories and plain text.')
  .version(version)
  .option('--root <dir>', 'the queue root (else SJQ_ROOT, else the nearest one upward, else ./queue-root)')
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sjq: ')) })
  .showHelpAfterError('(sjq --help lists the verbs)')
  .exitOverride()
  .addHelpText('after', () => {
    const codes =
      'Exit codes: 0 done, 1 no, 64 usage, 65 bad UOW, 66 no such UOW, 69 no monitor, 73 root cannot be written,\n' +
      '75 try later, 77 not permitted, 78 bad configuration, 124 timed out.';
    return `${examples('sjq init ~/jobs', 'sjq monitor --root ~/jobs', 'sjq submit --root ~/jobs -- make -C /srv/www')}\n\n${codes}`;
  });

const named = (): string | undefined => program.opts<{ root?: string }>().root;
function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
/** `--root` may stand before or behind the verb. */
function verb(name: string, description: string, remedy: string = `(sjq ${name} --help shows examples)`): Command {
  return program
    .command(name)
    .description(description)
    .option('--root <dir>', 'the queue root')
    .showHelpAfterError(remedy)
    .hook('preAction', (_program, action) => {
      const { root } = action.opts<{ root?: string }>();
      if (root !== undefined) program.setOptionValue('root', root);
    });
}

verb('init', 'make a queue root; what is there already stays as it is')
  .argument('[dir]', 'where (else --root)')
  .addHelpText('after', examples('sjq init ~/jobs', 'sjq init /srv/queue && sjq monitor --root /srv/queue'))
  .action(async (dir: string | undefined) => {
    const { init } = await import('./commands/init.ts');
    init(dir ?? named());
  });

verb('monitor', 'run the monitor of a root in the foreground; notices go to stderr too')
  .option('-q, --quiet', 'no notices on stderr', false)
  .addHelpText(
    'after',
    examples(
      'sjq monitor --root ~/jobs',
      'echo SHUTDOWN >> ~/jobs/monitor_reads   end it from elsewhere; running jobs go on',
    ),
  )
  .action(async ({ quiet }: { quiet: boolean }) => {
    const root = existingRoot(named());
    const { start } = await import('./start.ts');
    await start(root, { once: false, quiet, greet: !quiet });
  });

verb('once', 'serve the queue until nothing can start any more, then end (for cron and CI)')
  .option('-q, --quiet', 'no notices on stderr', false)
  .addHelpText(
    'after',
    examples('sjq once --root ~/jobs', '*/5 * * * * sjq once --quiet --root /srv/queue   a crontab line'),
  )
  .action(async ({ quiet }: { quiet: boolean }) => {
    const root = existingRoot(named());
    const { start } = await import('./start.ts');
    await start(root, { once: true, quiet, greet: false });
  });

withSubmitOptions(
  verb(
    'submit',
    'drop a UOW; prints its name when it is safely in the queue',
    '(a command with options of its own stands behind --, such as: sjq submit -- ls -l)',
  ),
)
  .addHelpText(
    'after',
    examples(
      'sjq submit -- rsync -a /home /backup',
      "sjq submit -n report --field timeout=2h 'make report | mail -s report ops'",
      'sjq submit --field job=backup --field target=/srv/www',
      'sjq submit -f nightly.uow',
      'generate-uow | sjq submit -n t42 -f -',
      'sjq submit --each --field timeout=1h < commands',
    ),
  )
  .option('--each', 'a UOW for each line of standard input, a command line each', false)
  .action(async (command: string[], { each, ...given }: GivenSubmitOptions & { each: boolean }) => {
    const options = submitOptionsFrom(given);
    if (!each) {
      const { submitAndPrint } = await import('./commands/submit.ts');
      submitAndPrint(existingRoot(named()), command, options);
      return;
    }
    const { submitEach } = await import('./commands/submit-each.ts');
    await submitEach(existingRoot(named()), command, options);
  });

addJobVerbs(verb, examples, named);
addScheduleVerbs(verb, examples, named);

verb('flow', 'list the flows, or draw one with the state of each UOW')
  .argument('[name]', 'a flow in flows/')
  .option('--json', 'as one JSON document', false)
  .option('--mermaid', 'as a Mermaid flowchart', false)
  .option('--svg', 'as an SVG picture', false)
  .addHelpText('after', examples('sjq flow', 'sjq flow nightly', 'sjq flow nightly --svg > nightly.svg'))
  .action(
    async (name: string | undefined, { json, mermaid, svg }: { json: boolean; mermaid: boolean; svg: boolean }) => {
      const { openedRoot } = await import('./opened-root.ts');
      const root = openedRoot(existingRoot(named()));
      const { flowListText, flowText } = await import('./commands/flow.ts');
      const { paintFor } = await import('./colour.ts');
      const { nameFromShown } = await import('../model/bytes.ts');
      const as = json ? 'json' : mermaid ? 'mermaid' : svg ? 'svg' : 'tree';
      const text =
        name === undefined
          ? flowListText(root, json)
          : await flowText(root, nameFromShown(name), as, paintFor(process.stdout));
      process.stdout.write(text);
    },
  );

verb('status', 'show what stands where, what runs, what waits and why')
  .option('--json', 'as one JSON document', false)
  .addHelpText('after', examples('sjq status', 'sjq status --json | jq .counts'))
  .action(async ({ json }: { json: boolean }) => {
    const root = existingRoot(named());
    const { printStatus, printStatusJson } = await import('./commands/status.ts');
    await (json ? printStatusJson(root) : printStatus(root));
  });

verb('plan', 'say what the next wake of the monitor would do now; does nothing of it')
  .option('--json', 'as one JSON document', false)
  .addHelpText('after', examples('sjq plan', 'sjq plan --root /srv/queue', "sjq plan --json | jq -r '.actions[].kind'"))
  .action(async ({ json }: { json: boolean }) => {
    const { openedRoot } = await import('./opened-root.ts');
    const root = openedRoot(existingRoot(named()));
    const { dryRun, jsonFromDryRun, textFromDryRun } = await import('./commands/plan.ts');
    const { paintFor } = await import('./colour.ts');
    const run = await dryRun(root);
    process.stdout.write(json ? jsonFromDryRun(run) : textFromDryRun(run, paintFor(process.stdout)));
  });

verb('simulate', 'play what would run when, by the real plan and a clock that jumps; changes nothing')
  .option('--from <time>', 'from when on it is told: 2026-11-22T07:00, 07:00 or +2h (else now)')
  .option('--to <time>', 'up to when; +7d counts from --from', '+24h')
  .option('--default-duration <duration>', 'of a job that no history tells of', '1m')
  .option('--json', 'as JSON lines', false)
  .addHelpText(
    'after',
    examples(
      'sjq simulate',
      'sjq simulate --from 2026-12-01 --to +7d',
      'cp -r queue-root /tmp/copy && sjq simulate --root /tmp/copy --default-duration 10m',
      'sjq simulate --json | jq -r \'select(.event == "run") | [.start, .name] | @tsv\'',
    ),
  )
  .action(async ({ json, ...given }: GivenSpan & { json: boolean }) => {
    const { openedRoot } = await import('./opened-root.ts');
    const root = openedRoot(existingRoot(named()));
    const { printSimulation, spanFrom } = await import('./commands/simulate.ts');
    await printSimulation(root, spanFrom(given, Date.now()), json);
  });

verb('doctor', 'say what disagrees in a root, and what to do about it')
  .option('--fix', 'mend it: with a monitor what is safe beside it, without one all that can be', false)
  .option('--json', 'as one JSON document', false)
  .addHelpText('after', examples('sjq doctor --root ~/jobs', 'sjq doctor --fix', 'sjq doctor --json | jq .findings'))
  .action(async ({ fix, json }: { fix: boolean; json: boolean }) => {
    const root = existingRoot(named());
    const { doctor, exitCodeFromReport, jsonFromReport, textFromReport } = await import('./commands/doctor.ts');
    const report = await doctor(root, fix);
    process.stdout.write(json ? jsonFromReport(report) : textFromReport(report));
    process.exitCode = exitCodeFromReport(report);
  });

verb('check', 'say what is wrong with files of UOWs, flows and schedules before they are dropped')
  .argument('<file...>', 'UOW files')
  .option('--json', 'as one JSON document', false)
  .addHelpText('after', examples('sjq check nightly.uow', 'sjq check queue-root/wait-q/*'))
  .action(async (files: string[], { json }: { json: boolean }) => {
    const { check, exitCodeFromChecked, jsonFromChecked, textFromChecked } = await import('./commands/check.ts');
    const { templateTexts } = await import('../monitor/survey/templates.ts');
    const { realFiles } = await import('../system/files.ts');
    const { join } = await import('../model/paths.ts');
    // Only what a flow uses stands in a root: there need be none.
    const templateText = templateTexts(realFiles, { schedules: join(rootOf(named()), 'schedules') });
    const checked = files.map((file) => check(file, templateText));
    process.stdout.write(json ? jsonFromChecked(checked) : checked.map(textFromChecked).join(''));
    process.exitCode = exitCodeFromChecked(checked);
  });

/** Does what the arguments say, and sets the exit code. Never throws. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodeOf.usage;
    else endBy(error);
  }
}
