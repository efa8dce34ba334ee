// Writing to stdout no faster than it is read, so that a log of any size passes through in little memory.

/** Writes and waits until it is taken. */
export function writeOut(chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => {
      // Who reads no more is met in main.ts.
      if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error);
      else if (!error) resolve();
    });
  });
}

/** Says a line on stderr. */
export function tell(text: string): void {
  process.stderr.write(`sjq: ${text}\n`);
}
