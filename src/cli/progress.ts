// How far a long command is, drawn over and over in one line of a terminal; nothing anywhere else.

export interface Progress {
  /** Tells of so many UOWs more, made from so many bytes of the input. */
  readonly add: (count: number, bytes: number) => void;
  /** Leaves the last state on a line of its own. */
  readonly end: () => void;
}

const drawEveryMs = 100;
const barWidth = 30;

/** Gives the progress of an input, whose size is known if it is a file. `now` is a clock in milliseconds. */
export function createProgress(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  sizeBytes: number | undefined,
  now: () => number,
): Progress {
  if (stream.isTTY !== true) return { add: () => undefined, end: () => undefined };
  const startedAt = now();
  let [count, bytes, drawnAt] = [0, 0, -Infinity];
  const draw = (): void => {
    const seconds = (now() - startedAt) / 1000;
    const rate = seconds > 0 ? Math.round(count / seconds) : 0;
    const share = sizeBytes === undefined || sizeBytes === 0 ? undefined : Math.min(1, bytes / sizeBytes);
    stream.write(`\r${share === undefined ? '' : barOf(share)}${count} submitted, ${rate}/s\x1b[K`);
  };
  return {
    add(more, moreBytes) {
      count += more;
      bytes += moreBytes;
      if (now() - drawnAt < drawEveryMs) return;
      drawnAt = now();
      draw();
    },
    end() {
      draw();
      stream.write('\n');
    },
  };
}

function barOf(share: number): string {
  const filled = Math.floor(share * barWidth);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(filled)}${' '.repeat(barWidth - filled)}] ${percent} %  `;
}
