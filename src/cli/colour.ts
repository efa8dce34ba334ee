// Colours, where they reach a terminal and nobody has asked for none.
import { styleText } from 'node:util';

type Style = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** Puts a text into a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** True if output to a stream should have colours: FORCE_COLOR decides, then NO_COLOR, then whether it is a terminal. @see https://no-color.org */
export function isColourful(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Gives the paint for a stream. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  // The decision is ours: styleText would ask stdout whatever stream is meant.
  if (isColourful(stream, env)) return (style, text) => styleText(style, text, { validateStream: false });
  return (_style, text) => text;
}
