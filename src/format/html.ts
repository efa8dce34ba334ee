// Writing HTML so that nothing foreign can become markup: a template whose every value is escaped, except what is markup itself.

/** Text that is markup already. Made by {@link markup} only, or from a constant. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: text and numbers, which are escaped, markup, several of it, or nothing. */
export type Part = string | number | Markup | readonly Markup[] | undefined;

/** Gives the markup of a template; safe between tags and in attributes that stand in double quotes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.map((text, at) => text + textOf(parts[at])).join('') };
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map((each) => each.markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? '');
}
