// The verb `schedule` and what stands behind it: options and help. The work is in commands/schedule.ts and loaded when it is asked for.
import { homedir } from 'node:os';
import type { Command } from 'commander';
import { SjqError } from '../model/errors.ts';
import type { OpenedRoot } from './opened-root.ts';
import { existingRoot } from './root-of.ts';

/** Adds the verb. `named` gives what `--root` says. */
export function addScheduleVerbs(
  verb: (name: string, description: string) => Command,
  examples: (...lines: readonly string[]) => string,
  named: () => string | undefined,
): void {
  const schedule = verb('schedule', 'list, foretell, fire, import and export what stands in schedules/').addHelpText(
    'after',
    examples(
      'sjq schedule ls',
      'sjq schedule next --days 7',
      'sjq schedule next --days 365 --dst   where local time changes',
      'sjq schedule fire nightly',
      'crontab -l | sjq schedule import -',
      'sjq schedule import --system /etc/cron.d/backup',
      'sjq schedule export',
    ),
  );
  const opened = async (command: Command): Promise<OpenedRoot> => {
    const { root } = command.optsWithGlobals<{ root?: string }>();
    const { openedRoot } = await import('./opened-root.ts');
    return openedRoot(existingRoot(root ?? named()));
  };
  const sub = (name: string, description: string): Command =>
    schedule.command(name).description(description).option('--root <dir>', 'the queue root');

  sub('ls', 'list the schedules, and what their STATUS says')
    .option('--json', 'as one JSON document', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const root = await opened(command);
      const { listText } = await import('./commands/schedule.ts');
      process.stdout.write(listText(root, json));
    });
  sub('next', 'list the times to come, in the zone of each schedule')
    .option('--days <n>', 'of so many days', '1')
    .option('--dst', 'only those at which local time has changed since the one before', false)
    .option('--json', 'as one JSON document', false)
    .action(async ({ days, dst, json }: { days: string; dst: boolean; json: boolean }, command: Command) => {
      if (!/^\d{1,5}$/.test(days)) throw new SjqError('usage', `--days takes a whole number, not ${days}`);
      const root = await opened(command);
      const { nextText } = await import('./commands/schedule.ts');
      process.stdout.write(nextText(root, { days: Number(days), dst, json, now: Date.now() }));
    });
  sub('fire', 'make a UOW of a schedule now (the message FIRE)')
    .argument('<name>')
    .action(async (name: string, _options: unknown, command: Command) => {
      const root = await opened(command);
      const { say } = await import('./commands/say.ts');
      process.exitCode = await say(root, ['FIRE', name], { waits: true });
    });
  sub('import', 'put the lines of a crontab into schedules/; says what cannot be carried over')
    .argument('<crontab>', 'a file, or - for stdin')
    .option('--system', 'its lines name a user, as in /etc/crontab and /etc/cron.d', false)
    .option('--dry-run', 'print the files and write none', false)
    .action(async (file: string, options: { system: boolean; dryRun: boolean }, command: Command) => {
      const root = await opened(command);
      const { importCrontab } = await import('./commands/schedule.ts');
      const isSystem = options.system || /^\/etc\/(crontab$|cron\.d\/)/.test(file);
      process.exitCode = importCrontab(root, { file, isSystem, isDry: options.dryRun, home: homedir() });
    });
  sub('export', 'print the schedules as a crontab').action(async (_options: unknown, command: Command) => {
    const root = await opened(command);
    const { exportText } = await import('./commands/schedule.ts');
    process.stdout.write(exportText(root));
  });
}
