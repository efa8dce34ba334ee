// The posted status: status/status.txt, a table a person reads with cat. Rewritten by rename, at most once a second, and only
// when something changed.
import { bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import { join } from '../model/paths.ts';
import { queueKinds } from '../model/queue.ts';
import type { Seen } from '../model/seen.ts';
import { textFromDurationMs, textFromInstant } from '../model/time.ts';
import { whyWaiting } from '../plan/rules/promote.ts';
import type { Context } from './context.ts';
import { sayOnce } from './say-once.ts';
import { survey } from './survey.ts';

/** So many waiting UOWs are listed; the others are counted. */
const listedWaiting = 100;

/** Gives the table: one line for the monitor, the counts, what runs, what waits and why. Plain text, no colours. */
export function statusText(seen: Seen, config: Config, isAlive: boolean): string {
  const slots = seen.control.slots ?? config.slots;
  const state = !isAlive
    ? 'no monitor runs'
    : seen.control.finishing
      ? 'finishing'
      : seen.control.paused
        ? 'paused'
        : 'serving';
  const lines = [
    `${state}   ${seen.claims.length} of ${slots} slot${slots === 1 ? '' : 's'} taken   ${textFromInstant(seen.now)}`,
    '',
  ];
  lines.push(queueKinds.map((queue) => `${config.queues[queue]} ${seen.counts[queue]}`).join('   '));
  const rows: (readonly string[])[] = [];
  for (const { record, started, result } of seen.claims) {
    const state = result ? 'ending' : started === 'yes' ? 'running' : 'starting';
    rows.push([
      state,
      shownFromName(record.name),
      `#${record.attempt}`,
      textFromDurationMs(seen.now - record.claimedAt),
      '',
    ]);
  }
  let more = 0;
  for (const queue of ['executing', 'priority', 'wait'] as const) {
    for (const uow of seen.waiting[queue]) {
      if (rows.length >= listedWaiting + seen.claims.length) {
        more += 1;
        continue;
      }
      const ahead = rows.length - seen.claims.length;
      const why = ahead < 20 ? whyWaiting(uow, seen, config) : `behind ${ahead} others`;
      const waitedMs = seen.now - uow.stamp.seconds * 1000;
      const prio = uow.priority === 0 ? config.queues[uow.queue] : `${config.queues[uow.queue]} ${uow.priority}`;
      rows.push(['waiting', shownFromName(uow.name), prio, textFromDurationMs(waitedMs), why]);
    }
  }
  if (rows.length > 0) lines.push('', ...table([['STATE', 'NAME', 'QUEUE', 'TIME', 'WHY'], ...rows]));
  if (more > 0) lines.push(`… and ${more} more`);
  return lines.join('\n') + '\n';
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Keeps status.txt true. */
export interface Poster {
  /** Posts soon, at most once a second. */
  postSoon(): void;
  /** `heartbeat`: posts anew when nothing was posted for that long. Gives when that is due next; Infinity if it is off. */
  beat(now: number): number;
  /** Posts a last time, saying that no monitor runs. */
  close(): void;
}

/** The posted status is rewritten at most this often. */
const postEveryMs = 1000;

/** Gives the poster of a root; one that does nothing where the status is off. */
export function createPoster(context: Context): Poster {
  const { machine, paths } = context;
  const { files, clock } = machine;
  let cancel: (() => void) | undefined;
  let lastAt = -Infinity;

  function post(isAlive: boolean): void {
    lastAt = clock.now();
    if (paths.status === undefined) return;
    const fresh = join(paths.status, '.status.txt.new');
    try {
      const text = bytesFromUtf8(statusText(survey(context, [], false), context.config, isAlive));
      files.unlink(fresh);
      files.create(fresh, text, { mode: 0o644, sync: false });
      files.rename(fresh, join(paths.status, 'status.txt'));
    } catch (error) {
      sayOnce(context, 'status', { event: 'fault', text: `the status cannot be posted: ${String(error)}` });
    }
  }

  return {
    postSoon() {
      const waitMs = Math.min(postEveryMs, Math.max(0, lastAt + postEveryMs - clock.now()));
      cancel ??= clock.after(waitMs, () => {
        cancel = undefined;
        post(true);
      });
    },
    beat(now) {
      const { heartbeatMs } = context.config;
      if (heartbeatMs <= 0) return Infinity;
      if (now - lastAt >= heartbeatMs) post(true);
      return lastAt + heartbeatMs;
    },
    close() {
      cancel?.();
      cancel = () => undefined;
      post(false);
    },
  };
}
