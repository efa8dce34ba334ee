// A foreign process that runs longer than its procname allows is reported, once.
import type { Action } from '../../model/action.ts';
import type { Config } from '../../model/config.ts';
import type { Seen } from '../../model/seen.ts';
import { textFromDurationMs } from '../../model/time.ts';
import { allProcnames } from '../procnames-for.ts';

/** Gives a notice for each foreign process over its time that was not reported yet. */
export function foreign(seen: Seen, config: Config): readonly Action[] {
  const actions: Action[] = [];
  const names = allProcnames(config, seen.jobTypes);
  for (const process of seen.machine.foreign?.processes ?? []) {
    if (seen.reportedForeign.has(process.pid)) continue;
    // Infinity where no procname of it has a timeout.
    const limitMs = Math.min(
      ...names.flatMap(({ name, timeoutMs = Infinity }) => (name === process.name ? timeoutMs : [])),
    );
    if (seen.now - process.startedAt < limitMs) continue;
    const fields = { process: process.name, pid: process.pid, limit: textFromDurationMs(limitMs) };
    const text = 'this process holds the queue back for longer than procnames allows: end it, or raise its timeout';
    actions.push({ kind: 'report-foreign', pid: process.pid, notice: { event: 'attention', fields, text } });
  }
  return actions;
}
