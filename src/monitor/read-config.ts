// Reading config.yaml of a root, at the start and at RELOAD.
import { configFromYaml, defaultConfig } from '../format/config-yaml.ts';
import { type Bytes, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import { errnoOf } from '../model/errno.ts';
import { SjqError, textFromProblem } from '../model/errors.ts';
import { join } from '../model/paths.ts';
import type { Files, FileStat } from '../system/files.ts';

const limitBytes = 1024 * 1024;

/** Gives the settings of a root; all defaults if it has no config.yaml. @throws SjqError `bad-config` with every line that is wrong. */
export function readConfig(files: Files, root: Bytes): Config {
  const path = join(root, 'config.yaml');
  const stat = files.stat(path);
  if (stat === undefined) return defaultConfig();
  const text = textOf(files, path, stat.kind);
  const roots = [root, files.realPath(root) ?? root].map(utf8FromBytes);
  const parsed = configFromYaml(utf8FromBytes(text), roots);
  if (parsed.kind === 'config') return parsed.config;
  const problems = parsed.problems.map(textFromProblem);
  const shown = shownFromName(path);
  throw new SjqError('bad-config', problems.map((problem) => `${shown}: ${problem}`).join('\n'));
}

/** One that is there and cannot be read is no reason to serve by the defaults: those may allow what it forbids. */
function textOf(files: Files, path: Bytes, kind: FileStat['kind']): Bytes {
  let why = 'it is no regular file, or a link that leads nowhere';
  try {
    // As it was named where it is no link: of a path that leads through another mount namespace (/proc/PID/root) there is no other.
    const real = kind === 'symlink' ? files.realPath(path) : path;
    const text = real === undefined ? undefined : files.read(real, 0, limitBytes);
    if (text !== undefined) return text;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    why = String(error);
  }
  throw new SjqError(
    'bad-config',
    `${shownFromName(path)}: cannot be read (${why}): mend it, or remove it for the defaults`,
  );
}
