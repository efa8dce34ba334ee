// What can be said of a job type without running it: the slots of its argv, the order of versions, and which of several
// registered ones a UOW means.
import type { JobType } from './config.ts';

/** A piece of an argument: text as it stands, or the name of the header field whose content stands there. */
export type TemplatePart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'slot'; readonly field: string };

/** What {@link partsFromTemplate} gives. */
export type ParsedTemplate =
  | { readonly kind: 'parts'; readonly parts: readonly TemplatePart[] }
  | { readonly kind: 'fault'; readonly message: string };

/** Gives a field's name as the program holds it: lower-cased, except behind `env.` and `secret.`. */
export function fieldNameFromText(text: string): string {
  const family = /^(env|secret)\.(.*)$/is.exec(text);
  return family ? `${(family[1] ?? '').toLowerCase()}.${family[2] ?? ''}` : text.toLowerCase();
}

/** Gives the parts of one argument: `{NAME}` is a slot, `{{` and `}}` are braces. Never throws. */
export function partsFromTemplate(template: string): ParsedTemplate {
  const parts: TemplatePart[] = [];
  for (const [token, field] of template.matchAll(/\{\{|\}\}|\{([\p{L}\p{N}_.-]+)\}|[{}]|[^{}]+/gu)) {
    if (field !== undefined) parts.push({ kind: 'slot', field: fieldNameFromText(field) });
    else if (token === '{' || token === '}') return { kind: 'fault', message: `a single ${token} in "${template}"` };
    else parts.push({ kind: 'text', text: token === '{{' || token === '}}' ? token.charAt(0) : token });
  }
  return { kind: 'parts', parts };
}

/**
 * Gives the natural order of two versions, negative if `a` is older: runs of digits count as numbers, so 1.10 is newer than 1.9,
 * and what goes on with alpha, beta, dev, pre or rc is older than what ends there.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [piecesOf(a), piecesOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = comparePieces(left[at], right[at]);
    if (order !== 0) return order;
  }
  // Equal in sense, such as 1.01 and 1.1: any order will do that is always the same.
  return a < b ? -1 : Number(a > b);
}

function piecesOf(version: string): readonly string[] {
  return (
    version
      .toLowerCase()
      .replace(/^v(?=\d)/, '')
      .match(/\d+|\p{L}+/gu) ?? []
  );
}

function comparePieces(a: string | undefined, b: string | undefined): number {
  const rank = (piece: string | undefined): number => {
    if (piece === undefined) return 1;
    if (/^(alpha|beta|dev|pre|rc)/.test(piece)) return 0;
    return /^\d/.test(piece) ? 3 : 2;
  };
  if (rank(a) !== rank(b) || a === undefined || b === undefined) return rank(a) - rank(b);
  const [left, right] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  if (/^\d/.test(a) && left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : Number(left > right);
}

/** What {@link pickJobType} gives: the type that is meant, or why there is none. */
export type PickedJobType =
  | { readonly kind: 'job-type'; readonly jobType: JobType }
  | { readonly kind: 'fault'; readonly message: string; readonly remedy: string };

/**
 * Gives the type that `wanted` means: `app@1.4` exactly that version, `app` the newest. Of two files that register the same
 * name and version neither is taken, because which one comes first would be chance.
 */
export function pickJobType(types: readonly JobType[], wanted: string): PickedJobType {
  const [, name = '', version] = /^([^@]*)(?:@(.*))?$/s.exec(wanted) ?? [];
  const versions = types.filter((type) => type.name === name).sort((a, b) => compareVersions(b.version, a.version));
  if (versions.length === 0) {
    const known = [...new Set(types.map((type) => type.name))].sort().join(', ');
    const remedy = known === '' ? 'register it by a file in job-types' : `write one of: ${known}`;
    return { kind: 'fault', message: `no job type named "${name}"`, remedy };
  }
  const matching = version === undefined ? versions : versions.filter((type) => type.version === version);
  const jobType = matching[0];
  if (!jobType) {
    const known = versions.map((type) => type.version).join(', ');
    return {
      kind: 'fault',
      message: `job type ${name} has no version "${version ?? ''}"`,
      remedy: `there is ${known}`,
    };
  }
  if (matching[1]?.version === jobType.version) {
    const message = `job type ${name}@${jobType.version} is registered by two files`;
    return { kind: 'fault', message, remedy: 'remove one of them from job-types' };
  }
  return { kind: 'job-type', jobType };
}
