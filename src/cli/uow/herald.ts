// Says on stderr what somebody who waits for a job wants to know meanwhile: that it waits and why, that no monitor runs, that it
// has begun. Says nothing of what is over in a moment.
import { type Bytes, shownFromName, utf8FromBytes } from '../../model/bytes.ts';
import type { Queue } from '../../model/queue.ts';
import type { OpenedRoot } from '../opened-root.ts';
import type { Look } from './pursuit.ts';
import { shellLine } from '../shell-line.ts';

const firstAfterMs = 400;
const againAfterMs = 3000;
const longestMs = 60_000;

/** What can be told of a UOW that has not ended. */
export interface News {
  readonly event: 'waiting' | 'running' | 'no-monitor';
  readonly text: string;
  readonly queue?: string;
  readonly why?: string;
}

export interface Herald {
  /** Tells what is new, if it is time to ask. */
  hear(look: Look): Promise<void>;
}

/** Gives the herald of one UOW, which tells each thing once until it changes. */
export function createHerald(root: OpenedRoot, name: Bytes, tell: (news: News) => void): Herald {
  const shown = shownFromName(name);
  let pauseMs = againAfterMs;
  let nextAt = performance.now() + firstAfterMs;
  let wasToldWaiting = false;
  let told = '';
  let isOrphan = false;

  async function waits(queue: Queue | undefined): Promise<News> {
    const { whyNotStarted } = await import('./why.ts');
    const why = whyNotStarted(root, name, { isServed: true });
    const where = queue === undefined ? 'its queue' : root.config.queues[queue];
    const text = `${shown} waits in ${where}${why === undefined ? '' : `: ${why}`}`;
    return { event: 'waiting', text, queue: where, ...(why !== undefined && { why }) };
  }

  return {
    async hear({ state, queue }) {
      if (state.kind === 'running' && wasToldWaiting) {
        wasToldWaiting = false;
        told = '';
        tell({ event: 'running', text: `${shown} runs` });
      }
      const now = performance.now();
      if (now < nextAt || state.kind === 'ended') return;
      nextAt = now + pauseMs;
      pauseMs = Math.min(longestMs, pauseMs * 2);
      const { isRootLocked } = await import('../../system/lock.ts');
      const hasMonitor = await isRootLocked(root.root);
      if (!hasMonitor && !isOrphan) {
        const start = `sjq monitor --root ${shellLine([utf8FromBytes(root.root)])}`;
        const what =
          state.kind === 'waiting' ? `${shown} starts when one does` : `the end of ${shown} is told when one does`;
        tell({ event: 'no-monitor', text: `no monitor runs: ${what} (${start})` });
      }
      isOrphan = !hasMonitor;
      // Without a monitor nothing starts, whatever else would keep it from it.
      if (state.kind !== 'waiting' || !hasMonitor) {
        wasToldWaiting ||= state.kind === 'waiting';
        return;
      }
      const news = await waits(queue);
      if (news.text !== told) tell(news);
      told = news.text;
      wasToldWaiting = true;
    },
  };
}
