// sjq flow: the flows of a root and their states, and one of them drawn with the state of each UOW.
import { type DrawnMember, mermaidFromFlow, treeFromFlow } from '../../format/flow-graph.ts';
import { type Flow, parentsIn } from '../../format/flow-parse.ts';
import { type Bytes, shownFromName, textOfName } from '../../model/bytes.ts';
import { SjqError } from '../../model/errors.ts';
import { memberName } from '../../model/flow.ts';
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
import { type Served, whyNotStarted } from '../uow/why.ts';
import { painted, textFromEnded } from '../uow/words.ts';

interface Member extends DrawnMember {
  readonly uow: Bytes;
  readonly of: UowState;
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

/** Gives a flow drawn, as Mermaid, or as JSON. @throws SjqError `no-such-uow` */
export async function flowText(
  root: OpenedRoot,
  name: Bytes,
  as: 'tree' | 'mermaid' | 'json',
  paint: Paint,
): Promise<string> {
  const flow = name === '' || name.includes('/') ? undefined : flowOf(root, name);
  if (!flow)
    throw new SjqError('no-such-uow', `there is no flow ${shownFromName(name)}: sjq flow lists those that are there`);
  const isServed = await isRootLocked(root.root);
  const members = flow.sections.map((section): Member => {
    const uow = memberName(name, section.name);
    const { state, text, why } = stateOfMember(root, uow, { isServed });
    const after = parentsIn(section).map((parent) => ({ name: shownFromName(parent.name), wanted: parent.wanted }));
    return { name: shownFromName(section.name), state: text, after, uow, of: state, ...(why !== undefined && { why }) };
  });
  if (as === 'mermaid') return mermaidFromFlow(members);
  if (as === 'json') {
    const uows = members.map(({ name: section, uow, of, after, state, why }) => ({
      ...{ section, name: textOfName(uow), state: of.kind === 'ended' ? of.word : of.kind, text: state, why, after },
    }));
    const document = { schema: 'sjq.flow/1', name: textOfName(name), ...jsonFromStatus(flow), uows };
    return `${JSON.stringify(document, null, 2)}\n`;
  }
  const byText = new Map(members.map((member) => [member.state, member.of]));
  const tree = treeFromFlow(members, (text) => {
    const state = byText.get(text);
    return state ? painted(paint, state, text) : text;
  });
  return [`${paint('bold', shownFromName(name))}  ${statusText(flow)}`, ...tree].map((line) => `${line}\n`).join('');
}

function flowOf({ paths }: OpenedRoot, name: Bytes): Flow | undefined {
  return readFlow({ machine: realMachine(), paths }, name)?.flow;
}

function statusText({ status, sections }: Flow): string {
  if (!status) return `unknown, ${sections.length} UOWs`;
  return `${status.word}, ${status.done} of ${status.of} done`;
}

function jsonFromStatus({ status }: Flow): Readonly<Record<string, string | number>> {
  if (!status) return {};
  return { status: status.word, done: status.done, of: status.of, since: textFromInstantMs(status.at) };
}

function stateOfMember(
  root: OpenedRoot,
  name: Bytes,
  served: Served,
): { readonly state: UowState; readonly text: string; readonly why?: string } {
  const found = findUow(root.paths, name);
  const parsed = found && readHead(realFiles, found.path, found.stat.sizeBytes)?.parsed;
  const status = parsed?.kind === 'uow' ? parsed.head.status : undefined;
  const state = stateOf(found?.queue, status, found?.stat.links ?? 0);
  if (!found) return { state, text: 'removed' };
  if (state.kind === 'running') return { state, text: 'running' };
  if (state.kind === 'ended') {
    const isContinued = status?.flags.includes('cont') === true;
    return { state, text: `${textFromEnded(state)}${isContinued ? ', continued' : ''}` };
  }
  const why = whyNotStarted(root, name, served);
  return { state, text: why === undefined ? 'waiting' : `waiting: ${why}`, ...(why !== undefined && { why }) };
}
