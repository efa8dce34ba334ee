// sjq plan: what the next wake of the monitor would do now, from its own plan. Carries nothing out and changes nothing on disk.
import { nextLookOf, type Telling, toldAction } from '../../format/action-text.ts';
import type { Action } from '../../model/action.ts';
import { textFromInstant } from '../../model/time.ts';
import { shownTime } from '../../model/zone.ts';
import { readControl } from '../../monitor/apply/control.ts';
import { foreseen } from '../../monitor/observe.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { plan } from '../../plan/plan.ts';
import { isRootLocked } from '../../system/lock.ts';
import type { Paint } from '../colour.ts';
import type { OpenedRoot } from '../opened-root.ts';

/** A plan that nobody carries out. */
export interface DryRun extends Telling {
  readonly actions: readonly Action[];
  readonly hasMonitor: boolean;
}

/** Plans the next wake. */
export async function dryRun({ root, config, paths }: OpenedRoot): Promise<DryRun> {
  const parts = { machine: realMachine(), paths, config };
  const hasMonitor = await isRootLocked(root);
  const seen = foreseen(parts, { control: readControl(parts), isServed: hasMonitor });
  const { now, zone } = seen;
  return { actions: plan(seen, config), hasMonitor, dirs: config.queues, zone, now };
}

/** Gives the lines for people. */
export function textFromDryRun(run: DryRun, paint: Paint): string {
  const told = run.actions.flatMap((action) => toldAction(action, run) ?? []);
  const widthOf = (cells: readonly string[]): number => Math.min(44, Math.max(0, ...cells.map((cell) => cell.length)));
  const [first, second] = [widthOf(told.map(({ does }) => does)), widthOf(told.map(({ name }) => name))];
  const lines = told.map(({ does, name, about }) => {
    const cells = [paint('bold', does.padEnd(first)), name.padEnd(second), about];
    return (second === 0 ? [cells[0], cells[2]] : cells).join('  ').trimEnd();
  });
  if (lines.length === 0) lines.push('nothing to do');
  const next = nextLookOf(run.actions);
  if (next !== undefined)
    lines.push(paint('dim', `looks again at ${shownTime(run.zone, next, run.now)} at the latest`));
  if (!run.hasMonitor) lines.push(paint('dim', 'no monitor runs'));
  return lines.map((line) => `${line}\n`).join('');
}

/** Gives the same as one JSON document. */
export function jsonFromDryRun(run: DryRun): string {
  const next = nextLookOf(run.actions);
  const actions = run.actions.flatMap((action) => {
    const told = toldAction(action, run);
    return told ? [{ kind: action.kind, ...told, name: told.name === '' ? undefined : told.name }] : [];
  });
  const document = {
    schema: 'sjq.plan/1',
    at: textFromInstant(run.now),
    monitor: run.hasMonitor,
    actions,
    look_again_at: next === undefined ? undefined : textFromInstant(next),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
