// Resources as headers and settings name them: `database 2, license 1`. How many there are is the config's and RESOURCE's affair,
// who gets them the plan's.

/** So much of one resource. */
export interface Need {
  readonly name: string;
  readonly count: number;
}

/** What says that a UOW needs nothing, where `default_needs` says otherwise. */
const nothing = 'none';
/** More of one thing is a typing error. */
export const greatestCount = 1_000_000;

/** How to write needs, for whoever wrote something else. */
export const needsRemedy = 'write names and how many of each, such as database 2, license 1; or none';

/** True for a word that can name a resource. */
export function isResourceName(text: string): boolean {
  return /^[A-Za-z][\w.-]{0,63}$/.test(text) && text !== nothing;
}

/** Gives the needs of `database 2, license` (one of each where no number stands), none for `none`; undefined for anything else. */
export function needsFromText(text: string): readonly Need[] | undefined {
  if (text.trim().toLowerCase() === nothing) return [];
  const counts = new Map<string, number>();
  for (const part of text.split(',')) {
    const [name = '', count = '1', ...rest] = part.trim().split(/\s+/);
    const isCount = /^\d{1,7}$/.test(count) && Number(count) >= 1 && Number(count) <= greatestCount;
    if (!isResourceName(name) || !isCount || rest.length > 0) return undefined;
    counts.set(name, (counts.get(name) ?? 0) + Number(count));
  }
  return [...counts].map(([name, count]) => ({ name, count }));
}

/** Gives what several lines ask for together; what cannot be read asks for nothing. */
export function needsFromTexts(texts: readonly string[]): readonly Need[] {
  const counts = new Map<string, number>();
  for (const { name, count } of texts.flatMap((text) => needsFromText(text) ?? [])) {
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...counts].map(([name, count]) => ({ name, count }));
}
