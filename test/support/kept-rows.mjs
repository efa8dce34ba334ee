// A table of figures in a page of docs/, between two markers: what ran now is put in, rows that did not run stay. For
// `npm run torture` and `npm run bench`.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Puts rows into the table. One goes whose first cell a new one has. `above` is the line over the table.
 * @throws Error if the page has no such markers.
 */
export function putRows({ page, markers: [begin, end], above, head, rows }) {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`${page} has no place for the figures`);
  const lineOf = (cells) => `| ${cells.join(' | ')} |`;
  const isNew = (line) => [head, ...rows].some(([first]) => line.startsWith(`| ${first} |`));
  const kept = text
    .slice(from, to)
    .split('\n')
    .filter((line) => /^\| [a-z]/.test(line) && !isNew(line));
  const firstCell = (line) => line.split(' | ')[0];
  // Stable: the lines of one row stay in their order.
  const sorted = [...kept, ...rows.map(lineOf)].sort((a, b) =>
    firstCell(a) < firstCell(b) ? -1 : firstCell(a) > firstCell(b) ? 1 : 0,
  );
  const table = [begin, '', above, '', lineOf(head), lineOf(head.map(() => '---')), ...sorted, '', ''].join('\n');
  writeFileSync(page, text.slice(0, from) + table + text.slice(to));
}
