// The UOW of one time of a schedule: its template without the fields that say when, and with those that say for when it is. And the
// template's own STATUS line.
import { type Bytes, bytesFromUtf8, shownFromName } from '../model/bytes.ts';
import { isScheduleField } from '../model/schedule.ts';
import type { Stamp } from '../model/stamp.ts';
import { textFromInstant } from '../model/time.ts';
import { statusBlockBytes, statusLineBytes, type UowHead } from '../model/uow.ts';
import { fieldFromText, headLines, titleFromText } from './head-lines.ts';
import { fieldAdded, stampedUow } from './uow-edit.ts';
import { parseUow } from './uow-parse.ts';

/** What a UOW is made for. `by` is the schedule's name, `scheduledAt` the time as its header will have it. */
export interface MadeFor {
  readonly by: Bytes;
  readonly scheduledAt: string;
  readonly stamp: Stamp;
  readonly event: string;
  readonly now: number;
}

const ours: readonly string[] = ['scheduled-by', 'scheduled-at'];

/** True for a field that the monitor writes into what it makes of a template. */
export function isOurs(name: string): boolean {
  return ours.includes(name);
}

/** Gives the whole UOW. Assumes a template that is a schedule; undefined if what comes out is no UOW all the same. */
export function uowFromTemplate(template: Bytes, head: UowHead, madeFor: MadeFor): Bytes | undefined {
  const lines = headLines(template);
  const kept = lines.filter((line) => {
    if (line.section === 'status' || line.section === 'log') return false;
    if (head.stamp && line.number === 1) return false;
    const field = line.section === 'uow' ? fieldFromText(line.text) : undefined;
    return !field || !(isScheduleField(field.name) || isOurs(field.name));
  });
  const bare = kept.map((line) => template.slice(line.start, line.next)).join('') as Bytes;
  const by = fieldAdded(bare, head, 'scheduled-by', shownFromName(madeFor.by));
  const text = fieldAdded(by, head, 'scheduled-at', madeFor.scheduledAt);
  const parsed = parseUow(text);
  if (parsed.kind === 'invalid') return undefined;
  const { stamp, event, now } = madeFor;
  return stampedUow(text, parsed.head, { stamp, event, status: { word: 'waiting', flags: [], attempt: 0, at: now } });
}

/** Gives the STATUS of a template: `last … next …`, without padding. */
export function templateStatus(last: number | undefined, next: number | undefined, isDisabled: boolean): string {
  const shown = (at: number | undefined): string => (at === undefined ? '-' : textFromInstant(at));
  return `${isDisabled ? 'disabled ' : ''}last ${shown(last)} next ${isDisabled ? '-' : shown(next)}`;
}

/** How a template gets its STATUS: overwritten where its line stands, appended where it has none; never any other byte of it. */
export type StatusEdit =
  | { readonly kind: 'overwrite'; readonly offset: number; readonly line: Bytes }
  | { readonly kind: 'append'; readonly text: Bytes };

/** Gives the edit; undefined if it says so already, or there is no room for it. `template` is the whole file. */
export function templateStatusEdit(template: Bytes, { layout }: UowHead, status: string): StatusEdit | undefined {
  const { eol } = layout;
  const line = bytesFromUtf8(status.slice(0, statusLineBytes - eol.length).padEnd(statusLineBytes - eol.length) + eol);
  if (layout.status) {
    const { offset, length } = layout.status;
    const hasRoom = length + eol.length === statusLineBytes && isInOneBlock(offset);
    return hasRoom && !template.startsWith(line, offset) ? { kind: 'overwrite', offset, line } : undefined;
  }
  if (headLines(template).some(({ text }) => titleFromText(text)?.section === 'status')) return undefined;
  if (layout.logOffset !== undefined) return undefined;
  const before = (template.endsWith('\n') ? '' : eol) + eol;
  const title = `==== STATUS${eol}${eol}`;
  let blanks = '';
  while (!isInOneBlock(template.length + before.length + blanks.length + title.length)) blanks += eol;
  return { kind: 'append', text: (before + blanks + title + line) as Bytes };
}

function isInOneBlock(offset: number): boolean {
  return (offset % statusBlockBytes) + statusLineBytes <= statusBlockBytes;
}
