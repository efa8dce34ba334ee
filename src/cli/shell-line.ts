// Arguments as one shell command line, each kept whole.

/** Gives a line that a POSIX shell splits into exactly these arguments; plain words stay readable. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
