// Telling people that config.yaml says something else than what is in force.
import { SjqError } from '../model/errors.ts';
import { configChanges } from '../model/settings.ts';
import type { Context } from './context.ts';
import { readConfig } from './read-config.ts';

/**
 * Gives what is to be called at each hint about config.yaml: it says a change once, however often that is hinted at, and nothing
 * once RELOAD has taken it. (A hint comes twice, and the second may come after the answer to RELOAD.)
 */
export function createConfigChanged(context: Context): () => void {
  const { files } = context.machine;
  let said = '';
  return () => {
    const stat = files.stat(context.paths.config);
    const facts = stat ? `${stat.ino} ${stat.sizeBytes} ${stat.mtimeMs}` : 'gone';
    if (facts === said || !isOther(context)) return;
    said = facts;
    context.say({ event: 'config', text: 'config.yaml changed: RELOAD (or SIGHUP) uses it' });
  };
}

function isOther(context: Context): boolean {
  try {
    return configChanges(context.config, readConfig(context.machine.files, context.paths.root)).length > 0;
  } catch (error) {
    if (error instanceof SjqError) return true;
    throw error;
  }
}
