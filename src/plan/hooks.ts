// Hooks: what runs those of a header, and what is to be done about them when their attempt has ended. A run of hooks is a launch of
// its own with a record of its own, which holds the outcome: what a hook prints or writes can change nothing about that.
import type { Action } from '../model/action.ts';
import type { Header } from '../model/header.ts';
import { goesAtMost, type HookCommand, hookFields, hookLimitSeconds, hooksFor } from '../model/hooks.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ClaimSeen } from '../model/seen.ts';

/** Asked of a launcher that lives, a run of hooks begins within this long, or is asked for again. */
const startLimitMs = 30_000;

/**
 * Runs the hooks behind the outcome, its reason and its exit code, each a field and a command. The directory may be why the job could
 * not start; a hook that must tell of it runs all the same.
 */
const script = `cd -- "$1" 2> /dev/null
shell=$2 SJQ_OUTCOME=$3 SJQ_REASON=$4 SJQ_EXIT=$5
export SJQ_OUTCOME SJQ_REASON
unset SJQ_PROGRESS SJQ_RESULT
if [ -n "$SJQ_EXIT" ]; then export SJQ_EXIT; else unset SJQ_EXIT; fi
shift 5
limit=$(command -v timeout || PATH=/usr/bin:/bin command -v timeout)
bad=0
while [ $# -gt 1 ]; do
  "$limit" -k 5 ${hookLimitSeconds} "$shell" -c "$2"
  code=$?
  case $code in
    0) ;;
    124 | 137) bad=1; echo "sjq: $1 was ended after ${hookLimitSeconds} s: $2" >&2 ;;
    *) bad=1; echo "sjq: $1 ended with $code: $2" >&2 ;;
  esac
  shift 2
done
exit $bad`;

/** Gives the hooks that a header asks for, each kind in the order in which it is written; empty if it asks for none. */
export function hookCommandsOf(header: Header): readonly HookCommand[] {
  return hookFields.flatMap((field) => header.all(field).map((command) => ({ field, command })));
}

/** The program that runs hooks; behind it stand their directory, the shell for each, and {@link hooksArguments}. */
export const hooksArgv: readonly string[] = ['/bin/sh', '-c', script, 'sjq-hooks'];

/** Gives the arguments behind it: how the attempt ended, and the commands. */
export function hooksArguments(
  { word, reason }: Outcome,
  reasonText: string,
  commands: readonly HookCommand[],
): readonly string[] {
  const exit = reason.kind === 'exit' ? String(reason.code) : '';
  // A leading sign would be read as an option, also behind -c.
  const words = commands.flatMap(({ field, command }) => [field, /^[-+]/.test(command) ? ` ${command}` : command]);
  return [word, reasonText, exit, ...words];
}

/**
 * Gives what is to be done about the hooks that this end calls for, perhaps nothing but to wait; undefined when they are over, or
 * there are none. Each is begun at least once, whatever crashes: a run that nobody can tell the end of is begun anew once.
 */
export function hooksDue(
  { record, hooking }: ClaimSeen,
  outcome: Outcome,
  { isLast, now }: { readonly isLast: boolean; readonly now: number },
): readonly Action[] | undefined {
  if (!record.hooks) return undefined;
  if (!hooking) {
    const commands = hooksFor(record.hooks, outcome, { isLast });
    return commands.length > 0 ? [{ kind: 'run-hooks', record, outcome, commands }] : undefined;
  }
  if (hooking.isOver) return undefined;
  if (hooking.isGuardianAlive) return [];
  if (hooking.isStarted) {
    if (!hooking.isTreeGone) return [{ kind: 'sweep', record }];
    if (hooking.go >= goesAtMost) return undefined;
    return [{ kind: 'run-hooks-again', record, isNew: true }];
  }
  const { askedAt } = hooking;
  // Its `started` may have been lost with the power: then they run again, which they are told may be.
  if (askedAt === undefined || now - askedAt >= startLimitMs)
    return [{ kind: 'run-hooks-again', record, isNew: false }];
  return [{ kind: 'look-again', at: askedAt + startLimitMs }];
}
