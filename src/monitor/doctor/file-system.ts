// What a root lies on: one local file system. Locks and hints do not cross the network, and nothing can be moved between two.
import { join } from '../../model/paths.ts';
import { queueKinds } from '../../model/queue.ts';
import type { Finding } from './finding.ts';
import type { Patient } from './found.ts';

/** @see statfs(2), linux/magic.h. FUSE may be anything: most often it is a host far away, and where not, it still has no hints. */
const remote: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0x0bd00bd0, 'Lustre'],
]);

/** Gives what lies where it cannot work. */
export function fileSystemAtOdds({ machine, paths, config }: Patient): readonly Finding[] {
  const { files } = machine;
  const findings: Finding[] = [];
  const type = remote.get(files.fileSystemType(paths.root) >>> 0);
  if (type !== undefined) {
    findings.push({
      ...{ kind: 'file-system', severity: 'fault', place: '.' },
      text: `lies on ${type}: another host’s changes give no hints, and its monitor may not be seen by ours`,
      remedy: 'move the root to a local file system, and drop UOWs there with ssh',
    });
  }
  const dev = files.stat(paths.root)?.dev;
  const dirs = [
    ...queueKinds.map((queue) => [config.queues[queue], paths.queue[queue]] as const),
    ['.sjq', paths.own] as const,
  ];
  for (const [place, path] of [...dirs, ['.sjq/claimed', paths.claimed] as const]) {
    const stat = files.stat(join(path, '.'));
    if (!stat || stat.dev === dev) continue;
    findings.push({
      ...{ kind: 'file-system', severity: 'fault', place },
      text: 'lies on another file system than the root: no UOW can be moved there',
      remedy: 'a root lies on one file system: unmount it there, or move the root',
    });
  }
  return findings;
}
