// Several measurements of one thing, and how they are told: the median, and the smallest and the largest beside it.

/** Gives the value below which a share of them lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** `1.23 (1.10 to 1.50)`. */
export function told(values: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return values.length === 1 ? (least ?? '') : `${median(values).toFixed(digits)} (${least} to ${most})`;
}

/** Gives a[i] / b[i]. Within a round both had the same machine, so the rounds' own ratios say more than one of two medians. */
export function ratios(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, at) => value / (b[at] ?? NaN));
}
