// sjq simulate: what would run when, played by the real plan from the state of a root. Changes nothing on disk.
import { shownFromName, textOfName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { notBeforeFromText } from '../../model/start-times.ts';
import { durationMsFromText, textFromDurationMs, textFromInstant } from '../../model/time.ts';
import { localZone, wallFromInstant, type Zone } from '../../model/zone.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { type Played, simulate, type Span } from '../../monitor/simulate/simulate.ts';
import { writeOut } from '../out.ts';
import type { OpenedRoot } from '../opened-root.ts';

/** What the options say. */
export interface GivenSpan {
  readonly from?: string;
  readonly to?: string;
  readonly defaultDuration: string;
}

/** Gives the stretch of time that is meant. @throws SjqError `usage` */
export function spanFrom({ from, to, defaultDuration }: GivenSpan, now: number, zone: Zone = localZone()): Span {
  const instant = (option: string, text: string, after: number): number => {
    const at = notBeforeFromText(text, after, zone);
    if (at === undefined) throw new SjqError('usage', `${option} takes 2026-11-22T07:00, 07:00 or +2h, not ${text}`);
    return at;
  };
  const fromAt = from === undefined ? now : instant('--from', from, now);
  const toAt = instant('--to', to ?? '+24h', fromAt);
  const defaultDurationMs = durationMsFromText(defaultDuration);
  if (defaultDurationMs === undefined)
    throw new SjqError('usage', `--default-duration takes a duration such as 90s or 5m, not ${defaultDuration}`);
  if (toAt <= fromAt) throw new SjqError('usage', '--to lies before --from: exchange them');
  return { from: fromAt, to: toAt, defaultDurationMs };
}

/** Plays it and prints the table for people, or a line of JSON for each event. */
export async function printSimulation(root: OpenedRoot, span: Span, isJson: boolean): Promise<void> {
  const played = simulate({ machine: realMachine(), paths: root.paths, config: root.config }, span);
  if (isJson) {
    const head = { schema: 'sjq.simulate/1', from: textFromInstant(span.from), to: textFromInstant(span.to) };
    await writeOut(`${JSON.stringify(head)}\n`);
    for (const each of played) await writeOut(`${JSON.stringify(jsonFromPlayed(each))}\n`);
    return;
  }
  await writeOut(textFromSimulation([...played], localZone()));
}

function jsonFromPlayed(each: Played): Readonly<Record<string, string | number | undefined>> {
  switch (each.kind) {
    case 'run':
      return {
        ...{
          event: 'run',
          name: textOfName(each.name),
          start: textFromInstant(each.startAt),
          end: textFromInstant(each.endAt),
        },
        ...{ waited_ms: each.waitedMs, why: each.why, duration_from: each.from },
      };
    case 'unfired':
      return { event: 'unfired', name: each.name, at: textFromInstant(each.at), count: each.count, why: each.why };
    case 'ended':
    case 'waits':
      return { event: each.kind, name: textOfName(each.name), at: textFromInstant(each.at), why: each.why };
  }
}

/** Gives the table, and what is to be said below it. */
export function textFromSimulation(played: readonly Played[], zone: Zone): string {
  const shown = (at: number): string =>
    new Date(wallFromInstant(zone, at)).toISOString().slice(0, 19).replace('T', ' ');
  const rows = played.map((each): readonly string[] => {
    switch (each.kind) {
      case 'run': {
        const waited =
          each.waitedMs < 1000 ? '' : textFromDurationMs(Math.floor(each.waitedMs / 1000) * 1000).replace(/\.0s$/, 's');
        const why = each.from === 'running' ? 'runs already' : (each.why ?? '');
        return [shown(each.startAt), shown(each.endAt), shownFromName(each.name), waited, why];
      }
      case 'ended':
        return [shown(each.at), '-', shownFromName(each.name), '', `does not run: ${each.why}`];
      case 'unfired':
        return [
          shown(each.at),
          '-',
          each.name,
          '',
          `${each.count > 1 ? `${each.count} times ` : ''}not fired: ${each.why}`,
        ];
      case 'waits':
        return ['-', '-', shownFromName(each.name), '', `waits still: ${each.why}`];
    }
  });
  const lines = table([['START', 'END', 'NAME', 'WAITED', 'WHY'], ...rows]);
  const runs = played.flatMap((each) => (each.kind === 'run' ? each : []));
  const guessed = runs.filter(({ from }) => from === 'default').length;
  const counts = [`${runs.length} would run`, ...(guessed > 0 ? [`${guessed} of them with the default duration`] : [])];
  return [...lines, '', counts.join(', ')].map((line) => `${line}\n`).join('');
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [
    19,
    19,
    ...[2, 3].map((column) =>
      Math.min(
        44,
        rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
      ),
    ),
  ];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
