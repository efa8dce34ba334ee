// The root that a command works on, with its settings and paths.
import type { Bytes } from '../model/bytes.ts';
import type { Config } from '../model/config.ts';
import { type RootPaths, rootPaths } from '../model/paths.ts';
import { readConfig } from '../monitor/read-config.ts';
import { realFiles } from '../system/files.ts';

export interface OpenedRoot {
  readonly root: Bytes;
  readonly config: Config;
  readonly paths: RootPaths;
}

/** Reads the settings of a root that is there. @throws SjqError `bad-config` */
export function openedRoot(root: Bytes): OpenedRoot {
  const config = readConfig(realFiles, root);
  return { root, config, paths: rootPaths(root, config) };
}
