// Reading one UOW's head from disk, the same way for survey, claim and command line.
import { parseUow, headReadBytes } from '../../format/uow-parse.ts';
import type { Bytes } from '../../model/bytes.ts';
import type { ParsedUow } from '../../model/uow.ts';
import type { Files } from '../../system/files.ts';

/** Most heads fit into this; only longer ones are read again. */
const firstReadBytes = 4096;

/** A head as read: its bytes up to the log, and what they say. */
export interface ReadHead {
  readonly bytes: Bytes;
  readonly parsed: ParsedUow;
}

/** Gives the head of a regular file of that size; undefined if it is gone or no regular file. */
export function readHead(files: Pick<Files, 'read'>, path: Bytes, sizeBytes: number): ReadHead | undefined {
  let bytes = files.read(path, 0, Math.min(firstReadBytes, sizeBytes + 1));
  if (bytes === undefined) return undefined;
  // One byte more than the file had: if that is there, it has grown meanwhile.
  let isWhole = bytes.length < firstReadBytes && bytes.length <= sizeBytes;
  let parsed = parseUow(bytes, { complete: isWhole });
  const isCutShort = parsed.kind === 'invalid' || parsed.head.layout.logOffset === undefined;
  if (!isWhole && isCutShort) {
    bytes = files.read(path, 0, headReadBytes);
    if (bytes === undefined) return undefined;
    isWhole = bytes.length < headReadBytes;
    parsed = parseUow(bytes, { complete: isWhole });
  }
  const logOffset = parsed.kind === 'uow' ? parsed.head.layout.logOffset : undefined;
  return { bytes: logOffset === undefined ? bytes : (bytes.slice(0, logOffset) as Bytes), parsed };
}
