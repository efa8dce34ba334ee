// A flow as an SVG picture: a box for each UOW or array, in layers, those that wait below those that they wait for, and an arrow for
// each wait. The layout is the plain layered one (Sugiyama): depth, then order by what each hangs on, then places. It needs no library,
// because an array is one box and so a flow has few of them.
import { shownFromText } from '../model/bytes.ts';
import type { Wanted } from '../model/parents.ts';
import { depthsOf, type DrawnAs, type DrawnMember } from './flow-graph.ts';
import { markup, type Markup } from './html.ts';

/** Pixels. A character of the fonts that are asked for is at most so wide. */
const charWidth = 7.3;
const [boxHeight, layerGap, boxGap, padding, margin] = [44, 56, 28, 12, 16];
const [leastWidth, passWidth] = [80, 12];
/** A longer state is cut short; it stands whole in the tooltip. */
const stateLimit = 44;

/** A place in a layer: a box, or where an arrow passes between boxes. */
interface Place {
  readonly member?: DrawnMember;
  readonly width: number;
  readonly above: Place[];
  readonly below: Place[];
  /** Its middle. */
  x: number;
}

/** An arrow, by the places it goes through from top to bottom. */
interface Arrow {
  readonly wanted: Wanted;
  readonly through: readonly Place[];
}

/** Gives the whole document. Assumes no circle. Every name and state in it is escaped. */
export function svgFromFlow(title: string, members: readonly DrawnMember[]): string {
  const { layers, arrows } = layersOf(members);
  order(layers);
  const width = 2 * margin + setPlaces(layers);
  const height = 2 * margin + layers.length * boxHeight + Math.max(0, layers.length - 1) * layerGap;
  const tops = new Map(layers.flatMap((layer, at) => layer.map((place) => [place, topOf(at)] as const)));
  const lines = arrows.map((arrow) => lineOf(arrow, tops));
  const boxes = [...tops].flatMap(([place, top]) => (place.member ? [boxOf(place.member, place, top)] : []));
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${clean(title)}</title>
<style>${{ markup: style }}</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
<rect class="ground" width="100%" height="100%"/>
${lines}${boxes}</svg>
`.markup;
}

const style = `
.ground{fill:#fff}text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}
.name{font-weight:700}rect.box{stroke-width:1.5;rx:6px}
.waiting{fill:#fff8c5;stroke:#9a6700}.running{fill:#ddf4ff;stroke:#0969da}.done{fill:#dafbe1;stroke:#1a7f37}.bad{fill:#ffebe9;stroke:#cf222e}
path.line{fill:none;stroke:#59636e;stroke-width:1.5}.other{stroke-dasharray:5 4}marker path{fill:#59636e}.label{font-size:11px;fill:#59636e}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#e6edf3}
.waiting{fill:#3b2e00}.running{fill:#0c2d6b}.done{fill:#033a16}.bad{fill:#67060c}
path.line{stroke:#9198a1}marker path{fill:#9198a1}.label{fill:#9198a1}}
`;

/** Gives boxes by their depth, and a place in each layer that an arrow passes. */
function layersOf(members: readonly DrawnMember[]): {
  readonly layers: readonly Place[][];
  readonly arrows: readonly Arrow[];
} {
  const depths = depthsOf(members);
  const layers: Place[][] = Array.from({ length: Math.max(0, ...depths.values()) + 1 }, () => []);
  const put = (depth: number, width: number, member?: DrawnMember): Place => {
    const place: Place = { ...(member && { member }), width, above: [], below: [], x: 0 };
    layers[depth]?.push(place);
    return place;
  };
  const boxes = new Map(members.map((each) => [each.name, put(depths.get(each.name) ?? 0, widthOf(each), each)]));
  const arrows = members.flatMap(({ name, after }) =>
    after.flatMap(({ name: parent, wanted }): readonly Arrow[] => {
      const [from, to] = [boxes.get(parent), boxes.get(name)];
      if (!from || !to) return [];
      const through = [from];
      for (let depth = (depths.get(parent) ?? 0) + 1; depth < (depths.get(name) ?? 0); depth++)
        through.push(put(depth, passWidth));
      through.push(to);
      for (const [at, place] of through.slice(1).entries()) {
        const before = through[at];
        if (!before) continue;
        before.below.push(place);
        place.above.push(before);
      }
      return [{ wanted, through }];
    }),
  );
  return { layers, arrows };
}

/** Sorts each layer by the middle of what its places hang on, from above and from below in turn, which leaves few arrows crossing. */
function order(layers: readonly Place[][]): void {
  for (let round = 0; round < 6; round++) {
    const isDown = round % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      const rank = new Map(layers.flatMap((each) => each.map((place, at) => [place, at] as const)));
      const middle = (place: Place): number => {
        const others = isDown ? place.above : place.below;
        const ranks = others.map((other) => rank.get(other) ?? 0);
        return ranks.length === 0 ? (rank.get(place) ?? 0) : ranks.reduce((sum, each) => sum + each, 0) / ranks.length;
      };
      const middles = new Map(layer.map((place) => [place, middle(place)]));
      layer.sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0));
    }
  }
}

/** Gives each place its x, layer by layer in the middle of the widest; and the width of that. */
function setPlaces(layers: readonly Place[][]): number {
  const widths = layers.map((layer) => layer.reduce((sum, { width }) => sum + width + boxGap, -boxGap));
  const widest = Math.max(leastWidth, ...widths);
  for (const [at, layer] of layers.entries()) {
    let left = margin + (widest - (widths[at] ?? 0)) / 2;
    for (const place of layer) {
      place.x = Math.round(left + place.width / 2);
      left += place.width + boxGap;
    }
  }
  return Math.ceil(widest);
}

function topOf(depth: number): number {
  return margin + depth * (boxHeight + layerGap);
}

function widthOf({ name, state }: DrawnMember): number {
  const chars = Math.max(clean(name).length, cut(state).length);
  return Math.max(leastWidth, Math.ceil(chars * charWidth) + 2 * padding);
}

function boxOf({ name, state, is }: DrawnMember, { x, width }: Place, top: number): Markup {
  const classes: Readonly<Record<DrawnAs, string>> = {
    waiting: 'waiting',
    running: 'running',
    done: 'done',
    bad: 'bad',
  };
  return markup`<g><title>${clean(`${name}: ${state}`)}</title><rect class="box ${classes[is]}" x="${x - width / 2}" y="${top}" width="${width}" height="${boxHeight}"/><text class="name" x="${x}" y="${top + 18}" text-anchor="middle">${clean(name)}</text><text x="${x}" y="${top + 35}" text-anchor="middle">${cut(state)}</text></g>
`;
}

/** A curve between each two layers; straight down beside the boxes of one that it passes. */
function lineOf({ wanted, through }: Arrow, tops: ReadonlyMap<Place, number>): Markup {
  const words: Readonly<Record<Wanted, string>> = { done: '', ended: 'any', 'not-ok': 'not ok' };
  const steps: string[] = [];
  for (const [at, place] of through.entries()) {
    const top = tops.get(place) ?? 0;
    const before = through[at - 1];
    if (!before) {
      steps.push(`M${place.x} ${top + boxHeight}`);
      continue;
    }
    const middle = top - layerGap / 2;
    steps.push(`C${before.x} ${middle} ${place.x} ${middle} ${place.x} ${top}`);
    if (at < through.length - 1) steps.push(`V${top + boxHeight}`);
  }
  const last = through.at(-1);
  const beside = through.at(-2);
  const label =
    words[wanted] !== '' && last && beside
      ? markup`<text class="label" x="${Math.round((last.x + beside.x) / 2) + 6}" y="${(tops.get(last) ?? 0) - layerGap / 2 + 4}">${words[wanted]}</text>`
      : undefined;
  return markup`<path class="line${wanted === 'done' ? '' : ' other'}" d="${steps.join('')}" marker-end="url(#end)"/>${label}
`;
}

function cut(state: string): string {
  const shown = clean(state);
  return shown.length > stateLimit ? `${shown.slice(0, stateLimit - 1)}…` : shown;
}

/** What XML cannot hold is shown escaped, or as one that is no character. */
function clean(text: string): string {
  return shownFromText(text).replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
