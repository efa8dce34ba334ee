// Byte strings: text whose every character stands for one byte (latin1), so that offsets are byte offsets, odd file
// names survive, and an edit changes the bytes it must and no others. All names and heads in the program are Bytes.

/** A string in which each character is one byte, 0 to 255. Make one with {@link bytesFromUtf8} or from a Buffer's latin1. */
export type Bytes = string & { readonly __bytes: unique symbol };

/** Gives the UTF-8 bytes of `text`. */
export function bytesFromUtf8(text: string): Bytes {
  return Buffer.from(text, 'utf8').toString('latin1') as Bytes;
}

/** Gives the text that `bytes` encode; what is not UTF-8 becomes U+FFFD. For display and for values, never for names of files. */
export function utf8FromBytes(bytes: string): string {
  // Nearly all of it is ASCII, and a look takes a tenth of the time of two copies.
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Gives the buffer that holds exactly these bytes, as the file system wants them. */
export function bufferFromBytes(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1');
}

/** Gives the byte string of a buffer. */
export function bytesFromBuffer(buffer: Uint8Array): Bytes {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1') as Bytes;
}

/** True if `bytes` are valid UTF-8 throughout. */
export function isUtf8(bytes: string): boolean {
  // Nearly all heads are ASCII, and a decoder costs more than all the rest of parsing one.
  if (!/[\x80-\xff]/.test(bytes)) return true;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    decoder.decode(bufferFromBytes(bytes));
    return true;
  } catch {
    return false;
  }
}

const plainName = /^[\p{L}\p{N}\p{M}\p{P}\p{S}]+$/u;

/**
 * Gives a name as people may see and type it: plain names as they are; one with blanks, quotes, control or odd bytes in
 * double quotes, with `\"`, `\\`, `\n`, `\t` and `\xNN` for what would harm a terminal or a line-based format.
 */
export function shownFromName(name: string): string {
  const text = isUtf8(name) ? utf8FromBytes(name) : undefined;
  // `by=` begins a signature in a message.
  const isPlain = text !== undefined && plainName.test(text) && !/["\\]/.test(text) && !text.startsWith('by=');
  if (isPlain) return text;
  let out = '';
  for (const char of text ?? name) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === '\\') out += '\\' + char;
    else if (char === '\n') out += '\\n';
    else if (char === '\t') out += '\\t';
    else if (char === ' ' || (text !== undefined && plainName.test(char)) || (code > 0x20 && code < 0x7f)) out += char;
    else out += (text === undefined ? char : bytesFromUtf8(char)).replace(/[^]/g, hex);
  }
  return `"${out}"`;
}

function hex(char: string): string {
  return '\\x' + char.charCodeAt(0).toString(16).padStart(2, '0');
}

/**
 * Gives a name as JSON holds it: its text; what is not UTF-8, or begins with a quote, as {@link shownFromName} shows it. So
 * {@link nameFromShown} gives every name back.
 */
export function textOfName(name: string): string {
  return isUtf8(name) && !name.startsWith('"') ? utf8FromBytes(name) : shownFromName(name);
}

/** Gives the name that {@link shownFromName} printed; text without a leading quote is taken as it is. Never throws. */
export function nameFromShown(shown: string): Bytes {
  if (!shown.startsWith('"') || !shown.endsWith('"') || shown.length < 2) return bytesFromUtf8(shown);
  const inner = bytesFromUtf8(shown.slice(1, -1));
  return inner.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_whole, escape: string) => {
    if (escape === 'n') return '\n';
    if (escape === 't') return '\t';
    return escape.length === 3 ? String.fromCharCode(parseInt(escape.slice(1), 16)) : escape;
  }) as Bytes;
}

/** Gives `text` with everything that could move a cursor or fake a line made visible. For foreign text in one-line messages. */
export function shownFromText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return '\\x' + char.charCodeAt(0).toString(16).padStart(2, '0');
  });
}

/** Gives foreign `text` as {@link shownFromText} does, cut to `limit` characters, for quoting it in a message. */
export function shownShort(text: string, limit: number = 80): string {
  const shown = shownFromText(text.slice(0, limit + 1));
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown;
}
