// sjq flow: the flows of a root and their states, and one of them drawn with the state of each UOW.
import { type DrawnAs, type DrawnMember, mermaidFromFlow, treeFromFlow } from '../../format/flow-graph.ts';
import { svgFromFlow } from '../../format/flow-svg.ts';
import { type Flow, isPartOf, parentsIn, useOf } from '../../format/flow-parse.ts';
import { type Bytes, shownFromName, textOfName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { type FlowSection, type FlowUow, memberName } from '../../model/flow.ts';
import { isIgnoredName, isReadmeName } from '../../model/queue.ts';
import { textFromInstantMs } from '../../model/time.ts';
import { readFlow } from '../../monitor/survey/flows.ts';
import { readHead } from '../../monitor/survey/read-uow.ts';
import { realMachine } from '../../monitor/real-machine.ts';
import { realFiles } from '../../system/files.ts';
import { isRootLocked } from '../../system/lock.ts';
import type { Paint } from '../colour.ts';
import type { OpenedRoot } from '../opened-root.ts';
import { findUow } from '../uow/find-uow.ts';
import { stateOf, type UowState } from '../uow/uow-state.ts';
import { whysNotStarted } from '../uow/why.ts';
import { textFromEnded } from '../uow/words.ts';

/** A UOW of the flow. */
interface Uow {
  readonly uow: FlowUow;
  readonly name: Bytes;
  readonly state: UowState;
  readonly text: string;
  readonly why?: string;
}

/** Gives a line for each flow, or JSON. */
export function flowListText(root: OpenedRoot, isJson: boolean): string {
  const names = (realFiles.list(root.paths.flows) ?? []).filter((name) => !isIgnoredName(name) && !isReadmeName(name));
  const flows = [...names].sort().flatMap((name) => {
    const flow = flowOf(root, name);
    return flow ? [{ name, flow }] : [];
  });
  if (isJson) {
    const all = flows.map(({ name, flow }) => ({ name: textOfName(name), ...jsonFromStatus(flow) }));
    return `${JSON.stringify({ schema: 'sjq.flows/1', flows: all }, null, 2)}\n`;
  }
  const width = Math.max(0, ...flows.map(({ name }) => shownFromName(name).length));
  return flows.map(({ name, flow }) => `${shownFromName(name).padEnd(width)}  ${statusText(flow)}\n`).join('');
}

/** Gives a flow drawn, as Mermaid, SVG or JSON. @throws SjqError `no-such-uow` */
export async function flowText(
  root: OpenedRoot,
  name: Bytes,
  as: 'tree' | 'mermaid' | 'svg' | 'json',
  paint: Paint,
): Promise<string> {
  const flow = name === '' || name.includes('/') ? undefined : flowOf(root, name);
  if (!flow)
    throw new SjqError('no-such-uow', `there is no flow ${shownFromName(name)}: sjq flow lists those that are there`);
  const names = flow.uows.map((uow) => memberName(name, uow.name));
  const whyOf = whysNotStarted(root, names, { isServed: await isRootLocked(root.root) });
  const uows = flow.uows.map((uow): Uow => {
    const seen = uowSeen(root, { uow, name: memberName(name, uow.name) }, whyOf);
    // Its UOWs come one by one.
    const isToCome = flow.status?.word === 'taking-in' && seen.text === removed;
    return isToCome ? { ...seen, state: { kind: 'waiting', attempts: 0, isRetry: false }, text: 'not made yet' } : seen;
  });
  if (as === 'json') {
    const shown = uows.map(({ uow, name: own, state, text, why }) => ({
      section: shownFromName(uow.section.name === '' ? name : uow.section.name),
      ...(uow.item && { index: uow.item.index, ...(uow.item.value !== undefined && { value: uow.item.value }) }),
      ...{ name: textOfName(own), state: state.kind === 'ended' ? state.word : state.kind, text, why },
      after: afterOf(flow, uow.section),
    }));
    const document = { schema: 'sjq.flow/1', name: textOfName(name), ...jsonFromStatus(flow), uows: shown };
    return `${JSON.stringify(document, null, 2)}\n`;
  }
  const members = flow.sections.map((section) => drawn(flow, section, name, uows));
  if (as === 'mermaid') return mermaidFromFlow(members);
  if (as === 'svg') return svgFromFlow(`${shownFromName(name)}: ${statusText(flow)}`, members);
  const byText = new Map(members.map((member) => [member.state, member.is]));
  const tree = treeFromFlow(members, (text) => paint(colours[byText.get(text) ?? 'waiting'], text));
  return [`${paint('bold', shownFromName(name))}  ${statusText(flow)}`, ...tree].map((line) => `${line}\n`).join('');
}

const colours = { waiting: 'yellow', running: 'cyan', done: 'green', bad: 'red' } as const;

/** Names as they are written; of one UOW of an array that is named the array. What an array of its own waits for is not drawn. */
function afterOf({ sections, uows }: Flow, section: FlowSection): DrawnMember['after'] {
  const byName = new Map(
    [...uows, ...sections.map((each) => ({ name: each.name, section: each }))].map((each) => [each.name, each.section]),
  );
  return parentsIn(section).flatMap(({ name, wanted }) => {
    const of = byName.get(name);
    return of ? [{ name: shownFromName(of.name), wanted }] : [];
  });
}

/** An array is drawn as one, with how many of it stand where. */
function drawn(flow: Flow, section: FlowSection, name: Bytes, all: readonly Uow[]): DrawnMember {
  const isPart = useOf(section) !== undefined;
  const uows = all.filter(({ uow }) => uow.section === section || (isPart && isPartOf(uow.name, section.name)));
  const [first] = uows;
  const is = (['bad', 'running', 'waiting', 'done'] as const).find((each) =>
    uows.some((uow) => drawnAs(uow.state) === each),
  );
  const isArray = first?.uow.item !== undefined;
  return {
    name: shownFromName(section.name === '' ? name : section.name),
    state: isPart ? textFromPart(uows) : isArray ? textFromArray(uows) : (first?.text ?? ''),
    is: is ?? 'waiting',
    after: isPart ? lastOf(flow, section) : afterOf(flow, section),
  };
}

function drawnAs(state: UowState): DrawnAs {
  if (state.kind !== 'ended') return state.kind;
  return state.word === 'done' || state.word === 'skipped' ? 'done' : 'bad';
}

/** A flow in a flow is drawn behind its sections: below those for which nothing in it waits. */
function lastOf(flow: Flow, part: FlowSection): DrawnMember['after'] {
  const within = flow.sections.filter(({ name }) => isPartOf(name, part.name));
  const parts = within.filter((section) => useOf(section));
  const own = within.filter(({ name }) => !parts.some((each) => isPartOf(name, each.name)));
  const waitedFor = new Set(own.flatMap((section) => afterOf(flow, section).map(({ name }) => name)));
  const names = own.map(({ name }) => shownFromName(name));
  return names.filter((name) => !waitedFor.has(name)).map((name) => ({ name, wanted: 'done' }));
}

function textFromPart(uows: readonly Uow[]): string {
  return `${uows.filter(({ state }) => drawnAs(state) === 'done').length} of ${uows.length} done`;
}

/** So many of an array's items are named. */
const namedItems = 3;

function textFromArray(uows: readonly Uow[]): string {
  const done = uows.filter(({ state }) => drawnAs(state) === 'done').length;
  const parts = [`${done} of ${uows.length} done`];
  for (const word of ['error', 'fail', 'cancelled'] as const) {
    const items = uows
      .filter(({ state }) => state.kind === 'ended' && state.word === word)
      .map(({ uow }) => uow.item?.name);
    const named = [...items.slice(0, namedItems), ...(items.length > namedItems ? ['…'] : [])].join(', ');
    if (items.length > 0) parts.push(`${items.length} ${word} (${named})`);
  }
  const running = uows.filter(({ state }) => state.kind === 'running').length;
  if (running > 0) parts.push(`${running} running`);
  const waiting = uows.filter(({ state }) => state.kind === 'waiting');
  const why = waiting[0]?.why;
  if (waiting.length > 0) parts.push(`${waiting.length} waiting${why === undefined ? '' : `: ${why}`}`);
  return parts.join(', ');
}

function flowOf({ paths }: OpenedRoot, name: Bytes): Flow | undefined {
  return readFlow({ machine: realMachine(), paths }, name)?.flow;
}

function statusText({ status, uows, isPersistent }: Flow): string {
  if (!status) return `unknown, ${uows.length} UOWs`;
  const open = isPersistent && !status.isClosed ? ', open until CLOSE FLOW' : '';
  return `${status.word}, ${status.done} of ${status.of} done${open}`;
}

function jsonFromStatus({ status }: Flow): Readonly<Record<string, string | number>> {
  if (!status) return {};
  return { status: status.word, done: status.done, of: status.of, since: textFromInstantMs(status.at) };
}

const removed = 'removed';

function uowSeen(root: OpenedRoot, of: Pick<Uow, 'uow' | 'name'>, whyOf: (name: Bytes) => string | undefined): Uow {
  const found = findUow(root.paths, of.name);
  const parsed = found && readHead(realFiles, found.path, found.stat.sizeBytes)?.parsed;
  const status = parsed?.kind === 'uow' ? parsed.head.status : undefined;
  const state = stateOf(found?.queue, status, found?.stat.links ?? 0);
  if (!found) return { ...of, state, text: removed };
  if (state.kind === 'running') return { ...of, state, text: 'running' };
  if (state.kind === 'ended') {
    const isContinued = status?.flags.includes('cont') === true;
    return { ...of, state, text: `${textFromEnded(state)}${isContinued ? ', continued' : ''}` };
  }
  const why = whyOf(of.name);
  return { ...of, state, text: why === undefined ? 'waiting' : `waiting: ${why}`, ...(why !== undefined && { why }) };
}
