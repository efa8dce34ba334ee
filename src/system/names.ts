// Going through the names in a directory in the thread pool, for one that holds so many that a list of them would stop the world.
import fs from 'node:fs';
import { errnoOf } from '../model/errno.ts';
import { type Bytes, bufferFromBytes, isUtf8, utf8FromBytes } from '../model/bytes.ts';

/** So many names are read at once. Between two such pieces whoever else has something to do gets his turn. */
const pieceNames = 512;

/** Tells each name in a directory, in no order. False if there is no such directory. @throws errno errors */
export async function eachName(dir: Bytes, tell: (name: Bytes) => void): Promise<boolean> {
  try {
    const names = await fs.promises.opendir(isUtf8(dir) ? utf8FromBytes(dir) : bufferFromBytes(dir), {
      encoding: 'latin1',
      bufferSize: pieceNames,
    });
    for await (const { name } of names) tell(name as Bytes);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}
