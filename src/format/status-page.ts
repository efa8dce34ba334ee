// index.html: the posted status for a person on call, on a phone or a desktop. One static file, no script; everything foreign in
// it is escaped by format/html.ts. What it looks like is status-page-style.ts.
// Long because it is one page, from its top to its foot.
import { shownFromName } from '../model/bytes.ts';
import { type Estimate, textFromEstimate } from '../model/estimate.ts';
import { needLook, type Posted, type PostedEnded, type Progress, type QueueState } from '../model/posted.ts';
import { type Queue, queueKinds } from '../model/queue.ts';
import { textFromDurationMs, textFromInstant } from '../model/time.ts';
import type { UowName } from '../model/uow.ts';
import { type Markup, markup, type Part } from './html.ts';
import type { PageLinks } from './page-links.ts';
import { pageStyle } from './status-page-style.ts';

/** A page that is looked at asks for itself anew this often. */
const refreshSeconds = 15;

const states: Readonly<Record<QueueState, { readonly word: string; readonly means: string }>> = {
  serving: { word: 'Serving', means: '' },
  paused: { word: 'Paused', means: 'Nothing is started until somebody says RESUME.' },
  finishing: { word: 'Finishing', means: 'Nothing more is started; the monitor ends after the running jobs.' },
  'not-running': {
    word: 'No monitor runs',
    means: 'Nothing is started until one does. Jobs that run go on, and the next monitor takes them over.',
  },
};

/** Gives the page. */
export function pageFromPosted(posted: Posted, links: PageLinks): string {
  const page: Page = { posted, links };
  const wrong = needLook(posted);
  const { word } = states[posted.state];
  const title = `${word}${wrong.length > 0 ? ` · ${wrong.length} to look at` : ''} · ${rootName(posted)}`;
  const content = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${refreshSeconds}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<link rel="icon" href="${{ markup: iconOf(posted, wrong.length > 0) }}">
<style>${{ markup: pageStyle }}</style>
</head>
<body>
<header>
${heading(page)}
${counts(page)}
</header>
<main>
${lookSection(page, wrong)}
${runningSection(page)}
${waitingSection(page)}
${flowsSection(page)}
${endedSection(page)}
</main>
${footer(page)}
</body>
</html>
`;
  return content.markup;
}

interface Page {
  readonly posted: Posted;
  readonly links: PageLinks;
}

function heading({ posted }: Page): Markup {
  const { state, slots, slotsTaken, running, waitingTotal, root, monitor, at, suspended } = posted;
  const { word, means: usually } = states[state];
  const means =
    suspended !== undefined && state === 'paused' ? `The monitor paused by itself: ${suspended}. ${usually}` : usually;
  const holder = monitor
    ? markup`<div><dt>monitor</dt><dd>${monitor.host}, pid ${monitor.pid}, version ${monitor.version}, since ${instant(monitor.since, at)}</dd></div>`
    : undefined;
  return markup`<h1 class="state ${state}"><span class="sign" aria-hidden="true"></span>${word}</h1>
<p class="sum">${running.length} running, ${waitingTotal} waiting, ${slotsTaken} of ${plural(slots, 'slot')} taken.${means && ` ${means}`}</p>
<dl class="facts"><div><dt>root</dt><dd class="root">${shownFromName(root)}</dd></div>${holder}<div><dt>posted</dt><dd><time datetime="${textFromInstant(at)}">${textFromInstant(at).replace(/T(.*)Z/, ' $1')}</time> UTC, as are all times here</dd></div></dl>`;
}

function counts({ posted: { queues }, links }: Page): Markup {
  const items = queueKinds.map((queue) => {
    const { dir, count } = queues[queue];
    const text = markup`<b>${count}</b> <span>${dir}</span>`;
    const href = links.queue(queue);
    const bad = (queue === 'error' || queue === 'fail') && count > 0 ? ' bad' : '';
    return href === undefined
      ? markup`<li class="${queue}${bad}"><div>${text}</div></li>`
      : markup`<li class="${queue}${bad}"><a href="${href}">${text}</a></li>`;
  });
  return markup`<nav aria-label="Queues"><ul class="counts">${items}</ul></nav>`;
}

function lookSection(page: Page, wrong: readonly PostedEnded[]): Markup {
  const { posted } = page;
  if (wrong.length === 0) {
    if (posted.ended.length === 0) return markup``;
    const lately = posted.ended.length === 1 ? 'What ended last' : `Of the last ${posted.ended.length} that ended`;
    const said = posted.ended.length === 1 ? 'needs no look.' : 'none needs a look.';
    return markup`<p class="well"><span class="sign" aria-hidden="true"></span>${lately}, ${said}</p>`;
  }
  const items = wrong.map((each) => {
    const { name, queue, attempt, endedAt, durationMs } = each;
    const took = durationMs === undefined ? '' : ` after ${textFromDurationMs(durationMs)}`;
    return markup`<li><span class="name">${nameOf(page, name, queue)}</span> <span class="how">${outcomeOf(each)}</span> <span class="when">${attemptOf(attempt)} ${instant(endedAt, posted.at)}${took}</span></li>`;
  });
  return markup`<section class="look" aria-labelledby="look"><h2 id="look">Needs a look <span class="count">${wrong.length}</span></h2>
<ul>${items}</ul>
<p>Ended in error or fail, and nobody has said <code>ACK NAME</code>, moved or rerun it.</p></section>`;
}

function runningSection(page: Page): Markup {
  const { running, at, queues } = page.posted;
  const rows = running.map(({ name, state, attempt, since, progress, estimate, jobType, command }): Row => {
    const type = jobType === undefined ? undefined : markup`<b>${jobType}</b> `;
    return {
      name: nameOf(page, name, 'executing'),
      cells: [
        { label: 'State', content: markup`<span class="word ${state}">${state}</span>` },
        attemptCell(attempt),
        { label: 'Since', content: instant(since, at) },
        { label: 'Progress', content: progress && progressOf(progress), style: 'wide' },
        { label: 'Ends about', content: estimate && endOf(estimate, at) },
        { label: 'Command', content: markup`${type}<code>${command}</code>`, style: 'wide' },
      ],
    };
  });
  const none = `Nothing runs: ${queues.executing.dir} is empty.`;
  return table('running', markup`Running ${countOf(running.length)}`, rows, none);
}

function waitingSection(page: Page): Markup {
  const { waiting, waitingTotal, queues, at } = page.posted;
  const rows = waiting.map(({ name, queue, priority, enqueuedAt, attempts, isHeld, why }): Row => ({
    name: nameOf(page, name, queue),
    cells: [
      { label: 'Queue', content: queues[queue].dir },
      { label: 'Priority', content: priority === 0 ? undefined : priority },
      { label: 'Since', content: instant(enqueuedAt, at) },
      { label: 'Attempts made', content: attempts === 0 ? undefined : attempts },
      { label: 'Why', content: isHeld ? heldOf(why) : why, style: 'wide' },
    ],
  }));
  const first =
    waiting.length < waitingTotal ? markup` <small>the first ${waiting.length} are listed</small>` : undefined;
  return table('waiting', markup`Waiting ${countOf(waitingTotal)}${first}`, rows, 'Nothing waits.');
}

/** Left out where nobody uses flows. */
function flowsSection({ posted: { flows, flowsTotal, at } }: Page): Markup {
  if (flows.length === 0) return markup``;
  const rows = flows.map(({ name, state, done, of, since }): Row => ({
    name: markup`${shownFromName(name)}`,
    cells: [
      { label: 'State', content: markup`<span class="word ${state}">${state}</span>` },
      { label: 'Done', content: markup`<progress max="${of}" value="${done}"></progress> ${done} of ${of}` },
      { label: 'Since', content: instant(since, at) },
    ],
  }));
  const first = flows.length < flowsTotal ? markup` <small>${flows.length} are listed</small>` : undefined;
  return table('flows', markup`Flows ${countOf(flowsTotal)}${first}`, rows, '');
}

function endedSection(page: Page): Markup {
  const { ended, queues, at } = page.posted;
  const rows = ended.map((each): Row => {
    const { name, queue, outcome, attempt, endedAt, durationMs } = each;
    const stands = queue === undefined ? markup`<i>gone</i>` : queues[queue].dir;
    return {
      name: nameOf(page, name, queue),
      cells: [
        { label: 'Outcome', content: outcomeOf(each) },
        attemptCell(attempt),
        { label: 'Ended', content: instant(endedAt, at) },
        { label: 'Took', content: durationMs === undefined ? undefined : textFromDurationMs(durationMs) },
        { label: 'Stands in', content: stands, ...(queue === outcome && { style: 'usual' }) },
      ],
    };
  });
  const caption = markup`Ended lately${ended.length > 0 ? countOf(ended.length) : undefined}`;
  return table('ended', caption, rows, 'Nothing has ended yet.');
}

function footer({ posted: { monitor } }: Page): Markup {
  const by = monitor ? `simple-job-q ${monitor.version}` : 'simple-job-q';
  return markup`<footer>
<p>Rewritten whenever something changes, and only then; a page that is open asks for itself anew every ${refreshSeconds} seconds. A monitor that was killed could not say so here: <code>sjq status</code> knows.</p>
<p>The same as <a href="status.txt">text</a> and as <a href="status.json">JSON</a>. Posted by ${by}.</p>
</footer>`;
}

/** `wide` has a line of its own on a phone, `usual` is left out there: it says what one would expect. */
interface Cell {
  readonly label: string;
  readonly content: Part;
  readonly style?: 'wide' | 'usual';
}

interface Row {
  readonly name: Markup;
  readonly cells: readonly Cell[];
}

/**
 * Gives a section with a table; a column that is empty in every row is left out. The roles are said too: on a phone the rows are
 * laid out as blocks, and a browser then takes the table for none.
 */
function table(id: string, caption: Markup, rows: readonly Row[], none: string): Markup {
  if (rows.length === 0)
    return markup`<section class="${id}"><h2>${caption}</h2><p class="nothing">${none}</p></section>`;
  const filled = new Set(rows.flatMap(({ cells }) => cells.filter(hasContent).map(({ label }) => label)));
  const labels = (rows[0]?.cells ?? []).map(({ label }) => label).filter((label) => filled.has(label));
  const heads = ['Name', ...labels].map((label) => markup`<th role="columnheader" scope="col">${label}</th>`);
  const lines = rows.map(({ name, cells }) => {
    const shown = cells.filter(({ label }) => filled.has(label)).map(cellOf);
    return markup`<tr role="row"><th role="rowheader" scope="row">${name}</th>${shown}</tr>\n`;
  });
  return markup`<section class="${id}"><table role="table"><caption><h2>${caption}</h2></caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${lines}</tbody></table></section>`;
}

function hasContent({ content }: Cell): boolean {
  return content !== undefined && content !== '';
}

function cellOf(cell: Cell): Markup {
  const { label, content, style = '' } = cell;
  if (!hasContent(cell)) return markup`<td role="cell" class="none"></td>`;
  return markup`<td role="cell" class="${style}" data-label="${label}">${content}</td>`;
}

function nameOf({ links }: Page, name: UowName, queue: Queue | undefined): Markup {
  const href = queue === undefined ? undefined : links.uow(name, queue);
  const shown = shownFromName(name);
  return href === undefined ? markup`${shown}` : markup`<a href="${href}">${shown}</a>`;
}

function outcomeOf({ outcome, reason, flags }: PostedEnded): Markup {
  const why = reason === undefined || reason === 'exit=0' ? undefined : markup` <span class="reason">${reason}</span>`;
  const marks = flags.map((flag) => markup` <span class="flag">${flagWords[flag] ?? flag}</span>`);
  return markup`<span class="word ${outcome}">${outcome}</span>${why}${marks}`;
}

const flagWords: Readonly<Record<string, string>> = {
  ...{ ack: 'acknowledged', cont: 'continued', 'log!': 'log not whole' },
};

function progressOf({ percent, note }: Progress): Markup {
  const bar =
    percent === undefined ? undefined : markup`<progress max="100" value="${percent}"></progress> <b>${percent}%</b> `;
  return markup`${bar}${note}`;
}

/** A page may be looked at long after it was written: the time of day, and not how long that is. */
function endOf(estimate: Estimate, at: number): Part {
  return estimate.endAt > at ? instant(estimate.endAt, at) : textFromEstimate(estimate, at);
}

function heldOf(why: string): Markup {
  return markup`<span class="word held">held</span> ${why.replace(/^held /, '')}`;
}

function attemptCell(attempt: number | undefined): Cell {
  return { label: 'Attempt', content: attemptOf(attempt), ...(attempt === 1 && { style: 'usual' }) };
}

function attemptOf(attempt: number | undefined): string {
  return attempt === undefined ? '' : `#${attempt}`;
}

function countOf(count: number): Markup {
  return markup` <span class="count">${count}</span>`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** A time of the day on which the page was posted goes without its date. */
function instant(when: number, at: number): Markup {
  const text = textFromInstant(when);
  const [day = '', time = ''] = text.replace('Z', '').split('T');
  const shown = day === textFromInstant(at).slice(0, 10) ? time : `${day} ${time.slice(0, 5)}`;
  return markup`<time datetime="${text}">${shown}</time>`;
}

/** The last part of the root's path: what tells one tab of a browser from another. */
function rootName({ root }: Posted): string {
  return shownFromName(root.replace(/^.*\//, '') || root);
}

/** A dot in the colour of the state, so that no browser asks the web server for a favicon. */
function iconOf({ state }: Posted, isWrong: boolean): string {
  const colour = isWrong || state === 'not-running' ? 'd1293d' : state === 'serving' ? '2da44e' : 'c78a00';
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='3.4' fill='%23${colour}'/%3E%3C/svg%3E`;
}
