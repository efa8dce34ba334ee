import { describe, expect, it } from 'vitest';
import { join, rootPaths, runPaths } from '../../src/model/paths.ts';
import { runIdOf } from '../../src/model/run.ts';
import { aConfig, bytes } from '../support/builders.ts';

const root = bytes('/srv/queue é');

describe('the paths of a root', () => {
  it('are those of design.md by default', () => {
    const paths = rootPaths(root, aConfig());
    const beneath = Object.entries(paths.queue).map(([queue, path]) => [queue, path.slice(root.length)]);
    expect(Object.fromEntries(beneath)).toEqual({
      ...{ wait: '/wait-q', priority: '/priority-q', executing: '/currently-executing', done: '/done-q' },
      ...{ error: '/error-q', fail: '/fail-q', archive: '/archive', trash: '/trash' },
    });
    expect(paths).toMatchObject({
      ...{ root, config: join(root, 'config.yaml'), messagesIn: join(root, 'monitor_reads') },
      ...{
        messagesOut: join(root, 'monitor_says'),
        history: join(root, 'history.jsonl'),
        status: join(root, 'status'),
      },
    });
  });

  it('follow the config, whose names are text and may be absolute', () => {
    const config = aConfig({ messagesIn: 'gelesen-ä', statusDir: '/var/www/queue' });
    const paths = rootPaths(root, { ...config, queues: { ...config.queues, wait: 'drop here' } });
    expect(paths.queue.wait).toBe(`${root}/drop here`);
    expect(paths.messagesIn).toBe(`${root}/${bytes('gelesen-ä')}`);
    expect(paths.status).toBe('/var/www/queue');
  });

  it('have no status directory where that is off', () => {
    const { statusDir: _on, ...config } = aConfig();
    expect(rootPaths(root, config).status).toBeUndefined();
  });

  it('keep the record of an attempt where hints come from, and its UOW where a chatty job makes none', () => {
    const paths = rootPaths(root, aConfig());
    const id = runIdOf({ seconds: 1, ordinal: 2 }, 1, 'abcdef');
    const own = runPaths(paths, id);
    expect(own.record).toBe(`${root}/.sjq/runs/${id}.run`);
    expect(own.uow).toBe(`${root}/.sjq/claimed/${id}.uow`);
    for (const path of [own.started, own.end, own.progress, own.result])
      expect(path.startsWith(`${own.dir}/`)).toBe(true);
    expect(new Set(Object.values(own)).size).toBe(Object.keys(own).length);
  });
});
