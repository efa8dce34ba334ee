// Reading config.yaml of a root, at the start and at RELOAD.
import { configFromYaml, defaultConfig } from '../format/config-yaml.ts';
import { type Bytes, shownFromName, utf8FromBytes } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import { SjqError, textFromProblem } from '../model/errors.ts';
import { join } from '../model/paths.ts';
import type { Files } from '../system/files.ts';

const limitBytes = 1024 * 1024;

/** Gives the settings of a root; all defaults if it has no config.yaml. @throws SjqError `bad-config` with every line that is wrong. */
export function readConfig(files: Files, root: Bytes): Config {
  const path = join(root, 'config.yaml');
  const real = files.realPath(path);
  const text = real === undefined ? undefined : files.read(real, 0, limitBytes);
  if (text === undefined) return defaultConfig();
  const roots = [root, files.realPath(root) ?? root].map(utf8FromBytes);
  const parsed = configFromYaml(utf8FromBytes(text), roots);
  if (parsed.kind === 'config') return parsed.config;
  const problems = parsed.problems.map(textFromProblem);
  const shown = shownFromName(path);
  throw new SjqError('bad-config', problems.map((problem) => `${shown}: ${problem}`).join('\n'));
}
