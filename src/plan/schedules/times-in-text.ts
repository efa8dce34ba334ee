// `$LOCAL{YYYY-MM-DD}` and `$UTC{…}` in a command: the time that a UOW was made for, or at which it starts where it has none.

/** Gives the content of `scheduled-at` if it is an instant; a person may have written anything. */
export function instantTextOf(content: string | undefined): string | undefined {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/.test(content ?? '');
  return content !== undefined && isInstant && Number.isFinite(Date.parse(content)) ? content : undefined;
}

/**
 * Gives the line with each `$LOCAL{…}` and `$UTC{…}` replaced. `at` is an instant with the offset of its zone; YYYY, YY, MM, DD, HH
 * (or hh), mm and ss stand for its parts, every other character for itself.
 */
export function withTimes(line: string, at: string): string {
  const instant = Date.parse(at);
  return line.replace(/\$(LOCAL|UTC)\{([^}]*)\}/g, (_whole, where: string, pattern: string) => {
    const wall = where === 'UTC' ? new Date(instant).toISOString() : at;
    const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = wall.split(/[-T:.Z+]/);
    const parts: Readonly<Record<string, string>> = {
      ...{ YYYY: year, YY: year.slice(2), MM: month, DD: day, HH: hour, hh: hour, mm: minute, ss: second },
    };
    return pattern.replace(/YYYY|YY|MM|DD|HH|hh|mm|ss/g, (part) => parts[part] ?? part);
  });
}
