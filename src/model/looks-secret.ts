// Whether a variable looks as if it held a secret. A guess that would rather hide a harmless value than tell one that was meant for
// nobody: what the history and `sjq show` print may be read by everybody who can see the root.

const secretNames =
  /secret|token|passw|passphrase|passcode|credential|private|cookie|session|signature|auth|salt|dsn|api_?key|(?:^|_)(?:pass|pwd|key|pat|pin|otp)(?:_|$)/i;
/** Where the shell stands; ends as the name of a password might. */
const directoryNames: ReadonlySet<string> = new Set(['PWD', 'OLDPWD']);

const secretValues: readonly RegExp[] = [
  /:\/\/[^/\s@]*:[^/\s@]+@/, // a password in an address
  /-----BEGIN /,
  /(?:passw(?:or)?d|pwd|secret|token|api_?key|access_?key)\s*[=:]/i, // one among other settings
  /\b(?:basic|bearer)\s+\S{8,}/i,
  /\b(?:gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|sk-|AKIA|ASIA|AIza|eyJ)[\w-]{12,}/, // tokens that say whose they are
  /[0-9a-f]{32,}/i, // a digest, or a key
];
/** Long without a separator of words, with letters of both cases and digits: made by a machine. */
const longWord = /[A-Za-z0-9+_-]{24,}/g;

/** True if the name or the value of a variable looks as if nobody but the job should see it. */
export function looksSecret(name: string, value: string): boolean {
  if (secretNames.test(name) && !directoryNames.has(name)) return true;
  if (secretValues.some((pattern) => pattern.test(value))) return true;
  const words = value.match(longWord) ?? [];
  return words.some((word) => [/[a-z]/, /[A-Z]/, /\d/].every((part) => part.test(word)));
}
