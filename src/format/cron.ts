// Cron expressions. croner reads them and knows which times on a clock on the wall they name; it is asked in UTC only, because what
// a gap or a repeated hour means is the schedule's (model/zone).
import { Cron } from 'croner';
import type { CronTimes } from '../model/schedule.ts';
import { spread } from '../model/spread.ts';

/** What reading an expression gives. */
export type ReadCron =
  | { readonly kind: 'cron'; readonly cron: CronTimes }
  | { readonly kind: 'fault'; readonly message: string; readonly remedy: string };

/** The lowest and highest number that `H` may stand for, of seconds to days of the week. 28 is a day of every month. */
const ranges: readonly (readonly [low: number, high: number])[] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 28],
  [1, 12],
  [0, 6],
];

const remedy =
  'write minute, hour, day, month and day of the week, such as 0 7 * * mon-fri; six fields begin with the second; or @daily and its like';

/** Gives the times of an expression; `name` decides what `H` stands for. Never throws. */
export function cronFromText(text: string, name: string): ReadCron {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  if (/^@reboot$/i.test(trimmed))
    return { kind: 'fault', message: '@reboot is no time', remedy: 'start the job by a systemd unit, or drop a UOW' };
  const fields = trimmed.split(' ');
  if (!trimmed.startsWith('@') && fields.length !== 5 && fields.length !== 6)
    return { kind: 'fault', message: `not a cron expression: ${fields.length} fields`, remedy };
  const expression = trimmed.startsWith('@') ? trimmed : withoutH(fields, name);
  try {
    const cron = new Cron(expression.toLowerCase(), { timezone: 'UTC', mode: '5-or-6-parts', domAndDow: false });
    const next = remembered((wall) => cron.nextRun(new Date(wall))?.getTime());
    return { kind: 'cron', cron: { text: trimmed, next } };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return { kind: 'fault', message: `not a cron expression: ${why}`, remedy };
  }
}

/** So many answers are kept: a firing asks for the same few times over and over, and each costs a tenth of a millisecond. */
const remembersAtMost = 16;

function remembered(next: (wall: number) => number | undefined): (wall: number) => number | undefined {
  const known = new Map<number, number | undefined>();
  return (wall) => {
    if (known.has(wall)) return known.get(wall);
    if (known.size >= remembersAtMost) known.clear();
    const at = next(wall);
    known.set(wall, at);
    return at;
  };
}

/** `H` is one fixed number of the field, `H(0-29)` of that range, `H/15` a fixed start of a step. */
function withoutH(fields: readonly string[], name: string): string {
  const numbered = fields.length === 6 ? ranges : ranges.slice(1);
  return fields
    .map((field, at) => {
      const [low, high] = numbered[at] ?? [0, 0];
      return field.replace(/^H(?:\((\d{1,2})-(\d{1,2})\))?(?:\/(\d{1,2}))?$/i, (whole: string, from, to, step) => {
        const first = from === undefined ? low : Number(from);
        const last = to === undefined ? high : Number(to);
        // Left as it stands, which is refused.
        if (first > last) return whole;
        const stepped = step === undefined ? last - first + 1 : Math.min(Number(step), last - first + 1);
        const start = first + spread(`${name} ${numbered.length - at}`, Math.max(1, stepped));
        return step === undefined ? String(start) : `${start}-${last}/${step}`;
      });
    })
    .join(' ');
}
