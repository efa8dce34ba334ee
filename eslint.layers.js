// The layer rule: which part of src may import what. Written here and not taken from a plugin because it is one table and one
// comparison of resolved paths, and because a plugin would need a resolver for '.ts' specifiers besides.
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

const BELOW_CLI = ['edges', 'monitor', 'plan', 'format', 'system', 'model'];
const BELOW_EDGES = BELOW_CLI.slice(1);
const BELOW_MONITOR = BELOW_EDGES.slice(1);

/** Layer -> the layers it may import besides itself. `index` is src/index.ts. */
const LAYERS = {
  model: [],
  plan: ['model'],
  format: ['model'],
  system: ['model'],
  monitor: BELOW_MONITOR,
  edges: BELOW_EDGES,
  index: BELOW_CLI,
  cli: ['index', ...BELOW_CLI],
};

/** Layers that are pure: nothing of Node. The model imports no package either. */
const WITHOUT_NODE = ['model', 'plan'];
const WITHOUT_PACKAGES = ['model'];

/** What only some layers may import, because it stands behind a port. */
const PORTED = [
  { modules: ['fs', 'fs/promises'], layers: ['system'], port: 'the Files port' },
  { modules: ['ps-list'], layers: ['system'], port: 'the Processes port' },
  { modules: ['child_process', 'execa'], layers: ['system', 'cli'], port: 'the Launcher and Processes ports' },
  {
    modules: ['process', 'console', 'timers', 'timers/promises'],
    layers: ['system', 'cli'],
    port: 'the Clock and the ports of system/',
  },
];

const SOURCE = resolve(import.meta.dirname, 'src');

/** The layer and, for an edge, the edge that a path lies in; undefined outside src. */
function placeOf(path) {
  const [layer, edge = ''] = relative(SOURCE, path).split(sep);
  if (layer === '..' || layer === undefined) return undefined;
  return { layer: layer.replace(/\.ts$/, ''), edge: layer === 'edges' ? edge.replace(/\.ts$/, '') : '' };
}

/** Why `specifier` may not be imported in the file `from`; undefined if it may. */
function objection(from, specifier) {
  const here = placeOf(from);
  if (here === undefined) return undefined;
  const allowed = LAYERS[here.layer];
  if (allowed === undefined) return `src/${here.layer} is no layer: see LAYERS in eslint.layers.js`;

  if (specifier.startsWith('.')) {
    const there = placeOf(resolve(dirname(from), specifier));
    if (there === undefined) return `${here.layer} imports nothing from outside src`;
    if (there.layer !== here.layer && !allowed.includes(there.layer))
      return `${here.layer} must not import ${there.layer} (it may import: ${allowed.join(', ') || 'nothing'})`;
    if (there.layer === 'edges' && here.layer === 'edges' && there.edge !== here.edge)
      return `edge ${here.edge} must not import edge ${there.edge}: deleting one must not break another`;
    return undefined;
  }

  const name = specifier.replace(/^node:/, '');
  if (name.startsWith('/') || name === 'simple-job-q') return 'sources import each other by relative path';
  if (isBuiltin(specifier) && WITHOUT_NODE.includes(here.layer))
    return `${here.layer} is pure: it imports nothing of Node`;
  if (WITHOUT_PACKAGES.includes(here.layer)) return `${here.layer} imports no package`;
  const ported = PORTED.find(({ modules }) => modules.includes(name));
  if (ported !== undefined && !ported.layers.includes(here.layer))
    return `only ${ported.layers.join(' and ')} may import ${specifier}; elsewhere it comes in through ${ported.port}`;
  return undefined;
}

const importsFollowLayers = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = objection(context.filename, source.value);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

export default { rules: { 'imports-follow-layers': importsFollowLayers } };
