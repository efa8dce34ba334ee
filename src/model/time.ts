// Durations and instants as people write them. Quantities in code are milliseconds; instants are epoch milliseconds UTC.

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Gives the milliseconds of `90`, `90s`, `15m`, `2h`, `1d`, `1h30m`, `0.5s`; bare numbers are seconds. Undefined if it is no duration. */
export function durationMsFromText(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return safeMs(Number(trimmed) * 1000);
  if (!/^(\d+(\.\d+)?(ms|[smhdw])\s*)+$/.test(trimmed)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    totalMs += Number(amount) * (unitMs[unit ?? 's'] ?? NaN);
  }
  return safeMs(totalMs);
}

function safeMs(ms: number): number | undefined {
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

/** Gives a short text of a duration for people: `0.4s`, `12.3s`, `5m02s`, `3h10m`, `4d03h`. */
export function textFromDurationMs(durationMs: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  if (durationMs < 99_950) return `${(Math.max(0, durationMs) / 1000).toFixed(1)}s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m${two(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${String(Math.floor(minutes / 60))}h${two(minutes % 60)}m`;
  const hours = Math.floor(minutes / 60);
  return `${String(Math.floor(hours / 24))}d${two(hours % 24)}h`;
}

/** Gives `2026-11-22T04:31:06Z`: RFC 3339 in UTC, whole seconds, as it stands on disk. */
export function textFromInstant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Gives `2026-11-22T04:31:06.123Z`, where the milliseconds matter. */
export function textFromInstantMs(at: number): string {
  return new Date(at).toISOString();
}
