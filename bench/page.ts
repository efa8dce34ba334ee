// docs/benchmarks.md: a row's lines are put between its two markers, with the command that printed them; above stands the machine of
// the last who wrote.
import { release, cpus } from 'node:os';
import { putRows } from '../test/support/kept-rows.mjs';
import { versions } from './peers/peers.ts';
import type { Line } from './row.ts';

export function writeRows(row: string, lines: readonly Line[], command: string, place: string): void {
  const day = new Date().toISOString().slice(0, 10);
  const by = `\`${command}\`, ${day}`;
  putRows({
    page: 'docs/benchmarks.md',
    markers: ['<!-- figures: npm run bench -- --write -->', '<!-- end of figures -->'],
    above: `Last written to on ${day}: Linux ${release()}, Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}); ${place}; ${versions()}.`,
    head: ['row', 'what', 'figures', 'must reach', 'reached', 'by'],
    rows: lines.map(({ what, figures, bound, isReached }) => {
      const verdict = isReached === undefined ? '' : isReached ? 'yes' : '**no**';
      // A bar would end the cell.
      return [row, what, figures, bound, verdict, by].map((cell) => cell.replaceAll('|', '\\|'));
    }),
  });
}
